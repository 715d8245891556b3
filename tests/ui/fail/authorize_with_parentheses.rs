#[authsafe::routes(authorize(audience("x")))]
mod auth {}

fn main() {}
