#[authsafe::routes(
    pages(sign_in = "/api/./auth/signin/", error = "/api/auth/%63allback"),
)]
mod auth {}

fn main() {}
