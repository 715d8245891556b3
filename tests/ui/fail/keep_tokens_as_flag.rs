#[authsafe::routes(session(keep = false))]
mod auth {}

fn main() {}
