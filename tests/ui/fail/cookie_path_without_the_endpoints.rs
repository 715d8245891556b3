#[authsafe::routes(
    cookies(path = "/shop"),
)]
mod auth {}

fn main() {}
