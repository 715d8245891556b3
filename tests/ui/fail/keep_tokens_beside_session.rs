#[authsafe::routes(keep(id_token = false))]
mod auth {}

fn main() {}
