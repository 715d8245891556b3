#[authsafe::routes(client_id == "abc")]
mod auth {}

fn main() {}
