#[authsafe::routes(protect("/app/**" => isAuthenticated()))]
mod auth {}

fn main() {}
