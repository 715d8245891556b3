#[authsafe::routes(
    cookies(name = "__Secure-session", secure = false),
)]
mod auth {}

fn main() {}
