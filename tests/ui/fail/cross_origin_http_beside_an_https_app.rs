#[authsafe::routes(
    app_url = "https://shop.example.com",
    cross_origin = allow("http://192.168.0.5:5173"),
)]
mod auth {}

fn main() {}
