#[authsafe::routes(
    session(idle = "1h"),
)]
mod auth {}

fn main() {}
