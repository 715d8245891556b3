#[authsafe::routes(openid, email)]
mod auth {}

fn main() {}
