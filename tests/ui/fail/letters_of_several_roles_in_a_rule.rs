#[authsafe::routes(roles("admin", "editor"), protect("/admin/**" => role("admin,editor")))]
mod auth {}

fn main() {}
