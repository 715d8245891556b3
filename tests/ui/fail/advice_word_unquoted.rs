#[authsafe::routes(client_auth = basic)]
mod auth {}

fn main() {}
