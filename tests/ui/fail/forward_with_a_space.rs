#[authsafe::routes(forward("ui locales"))]
mod auth {}

fn main() {}
