#[authsafe::routes(logout("local"))]
mod auth {}

fn main() {}
