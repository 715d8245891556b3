#[authsafe::routes(
    app_url = "https://example.com",
    cookies(domain = "shop.example.com"),
)]
mod auth {}

fn main() {}
