#[authsafe::routes(client-id = "abc")]
mod auth {}

fn main() {}
