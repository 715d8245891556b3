#[authsafe::routes(scope = "openid email")]
mod auth {}

fn main() {}
