#[authsafe::routes(
    protect()
)]
mod auth {}

fn main() {}
