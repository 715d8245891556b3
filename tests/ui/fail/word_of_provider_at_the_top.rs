#[authsafe::routes(timeout = 10)]
mod auth {}

fn main() {}
