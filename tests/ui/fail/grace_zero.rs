#[authsafe::routes(session(grace = "0s"))]
mod auth {}

fn main() {}
