#[authsafe::routes(success_redirect = "/home")]
mod auth {}

fn main() {}
