#[authsafe::routes(
    app_url = "http://192.168.0.5:3000",
    cookies(secure),
)]
mod auth {}

fn main() {}
