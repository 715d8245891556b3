#[authsafe::routes(protect("/admin/**" => auth && role("admin")))]
mod auth {}

fn main() {}
