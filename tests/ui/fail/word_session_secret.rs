#[authsafe::routes(session_secret = env("SESSION_SECRET"))]
mod auth {}

fn main() {}
