#[authsafe::routes(session(keep(refresh_token = false)))]
mod auth {}

fn main() {}
