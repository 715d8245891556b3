#[authsafe::routes(
    app_url = "https://shop.example.com",
    cookies(domain = "example.org"),
)]
mod auth {}

fn main() {}
