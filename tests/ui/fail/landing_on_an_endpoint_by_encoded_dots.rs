#[authsafe::routes(
    landing(_ => "/shop/%2e%2E/api/auth/%2e/signin?again"),
)]
mod auth {}

fn main() {}
