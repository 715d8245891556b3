#[authsafe::routes(
    after_logout = "/api/auth/x/../logout",
)]
mod auth {}

fn main() {}
