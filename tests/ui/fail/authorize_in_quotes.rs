#[authsafe::routes(authorize("audience"))]
mod auth {}

fn main() {}
