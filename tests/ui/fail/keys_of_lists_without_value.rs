#[authsafe::routes(
    endpoints(token),
    session(refresh_before),
    cookies(domain),
    rate_limit(signin)
)]
pub mod auth {}

fn main() {}
