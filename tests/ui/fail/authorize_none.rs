#[authsafe::routes(authorize(audience = none))]
mod auth {}

fn main() {}
