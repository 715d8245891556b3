#[authsafe::routes(42)]
mod auth {}

fn main() {}
