#[authsafe::routes(client_id = $CLIENT_ID)]
mod auth {}

fn main() {}
