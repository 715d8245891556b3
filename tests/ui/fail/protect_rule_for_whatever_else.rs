#[authsafe::routes(protect("/admin/**" => role("admin"), _ => auth))]
mod auth {}

fn main() {}
