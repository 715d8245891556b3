#[authsafe::routes(session(keep(id_token = "no", access_token = 0)))]
mod auth {}

fn main() {}
