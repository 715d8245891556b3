#[authsafe::routes(login = "signin")]
mod auth {}

fn main() {}
