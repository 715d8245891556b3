#[authsafe::routes(
    app_url = "http://localhost:3000",
    cookies(same_site = "none"),
)]
mod auth {}

fn main() {}
