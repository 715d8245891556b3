#[authsafe::routes(session(client_id = "abc"))]
mod auth {}

fn main() {}
