#[authsafe::routes(
    app_url = "https://shop.example.com",
    cookies(secure = false),
)]
mod auth {}

fn main() {}
