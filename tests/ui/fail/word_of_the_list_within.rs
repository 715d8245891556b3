#[authsafe::routes(session(id_token = false))]
mod auth {}

fn main() {}
