#[authsafe::routes(secret = "abc")]
mod auth {}

fn main() {}
