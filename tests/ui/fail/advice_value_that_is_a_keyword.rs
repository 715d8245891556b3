#[authsafe::routes(domain = fn)]
mod auth {}

fn main() {}
