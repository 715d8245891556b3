#[authsafe::routes(forward("prompt"))]
mod auth {}

fn main() {}
