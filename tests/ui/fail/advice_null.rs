#[authsafe::routes(client_secret = null)]
mod auth {}

fn main() {}
