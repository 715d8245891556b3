#[authsafe::routes(
    cross_origin = allow(env("ADMIN"), env("ADMIN")),
)]
mod auth {}

fn main() {}
