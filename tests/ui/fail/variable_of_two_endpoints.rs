#[authsafe::routes(
    endpoints(authorization = env("URL"), token = env("URL")),
)]
mod auth {}

fn main() {}
