#[authsafe::routes(logout())]
mod auth {}

fn main() {}
