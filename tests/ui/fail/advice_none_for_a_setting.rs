#[authsafe::routes(client_id = None)]
mod auth {}

fn main() {}
