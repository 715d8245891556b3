#[authsafe::routes(response_mode = env("MODE"))]
mod auth {}

fn main() {}
