#[authsafe::routes(client_id = String::from("abc"))]
mod auth {}

fn main() {}
