#[authsafe::routes(
    app_url = "http://localhost:3000",
    cookies(domain = "example.com"),
)]
mod auth {}

fn main() {}
