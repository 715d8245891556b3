#[authsafe::routes(protect("/admin/**" => role = "admin"))]
mod auth {}

fn main() {}
