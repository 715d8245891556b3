#[authsafe::routes(cookie_secret = "0123456789abcdef0123456789abcdef".into())]
mod auth {}

fn main() {}
