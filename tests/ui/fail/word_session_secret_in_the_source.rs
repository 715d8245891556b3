#[authsafe::routes(session_secret = "0123456789abcdef0123456789abcdef")]
mod auth {}

fn main() {}
