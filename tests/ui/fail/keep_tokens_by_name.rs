#[authsafe::routes(session(keep("id_token")))]
mod auth {}

fn main() {}
