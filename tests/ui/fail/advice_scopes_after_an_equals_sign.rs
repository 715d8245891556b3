#[authsafe::routes(scopes = "openid", "email")]
mod auth {}

fn main() {}
