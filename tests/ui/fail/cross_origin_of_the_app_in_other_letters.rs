#[authsafe::routes(
    app_url = "https://shop.example.com",
    cross_origin = allow("https://Shop.example.com:443"),
)]
mod auth {}

fn main() {}
