#[authsafe::routes(client_secret = None)]
mod auth {}

fn main() {}
