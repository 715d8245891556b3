#[authsafe::routes(
    trusted_proxies("10.1.0.0/16", "10.0.0.0/8"),
)]
mod auth {}

fn main() {}
