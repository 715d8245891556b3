#[authsafe::routes(
    landing(_ => "/shop/../api/auth/signin"),
)]
mod auth {}

fn main() {}
