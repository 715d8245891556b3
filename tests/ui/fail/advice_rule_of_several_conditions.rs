#[authsafe::routes(protect("/admin/**" => [role("a"), role("b")]))]
mod auth {}

fn main() {}
