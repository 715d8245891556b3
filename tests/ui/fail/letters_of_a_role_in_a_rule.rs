#[authsafe::routes(roles("admin"), protect("/admin/**" => role("аdmin")))]
mod auth {}

fn main() {}
