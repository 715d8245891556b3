#[authsafe::routes(authorize(audience = "a", audience = "b"))]
mod auth {}

fn main() {}
