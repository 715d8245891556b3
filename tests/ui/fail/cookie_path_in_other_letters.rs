#[authsafe::routes(
    base_path = "/shop/auth",
    cookies(path = "/Shop"),
)]
mod auth {}

fn main() {}
