#[authsafe::routes(session(auto_refresh = false, refresh_before = "2m"))]
mod auth {}

fn main() {}
