#[authsafe::routes(
    protect("/**" => auth),
    public("/assets/**", "/health", "/assets/css")
)]
mod auth {}

fn main() {}
