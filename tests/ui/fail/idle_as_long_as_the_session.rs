#[authsafe::routes(
    session(max_age = "8h", idle = "480m"),
)]
mod auth {}

fn main() {}
