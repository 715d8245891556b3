#[authsafe::routes(pkce = true)]
mod auth {}

fn main() {}
