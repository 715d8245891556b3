#[authsafe::routes(
    app_url = "https://myexample.com",
    cookies(domain = "example.com"),
)]
mod auth {}

fn main() {}
