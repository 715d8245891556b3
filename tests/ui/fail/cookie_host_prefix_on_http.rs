#[authsafe::routes(
    app_url = "http://localhost:3000",
    cookies(name = "__Host-session"),
)]
mod auth {}

fn main() {}
