#[authsafe::routes(session(auto_refresh = false, grace = "1h"))]
mod auth {}

fn main() {}
