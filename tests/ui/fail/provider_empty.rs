#[authsafe::routes(provider())]
mod auth {}

fn main() {}
