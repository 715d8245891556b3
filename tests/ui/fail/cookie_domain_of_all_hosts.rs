#[authsafe::routes(
    cookies(domain = "*.example.com"),
)]
mod auth {}

fn main() {}
