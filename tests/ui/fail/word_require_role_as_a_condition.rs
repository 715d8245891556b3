#[authsafe::routes(protect("/admin/**" => require_role("admin")))]
mod auth {}

fn main() {}
