#[authsafe::routes(
    app_url = "http://192.168.0.5:3000",
    cookies(name = "__secure-session"),
)]
mod auth {}

fn main() {}
