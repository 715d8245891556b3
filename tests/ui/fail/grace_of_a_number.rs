#[authsafe::routes(session(grace = 3600))]
mod auth {}

fn main() {}
