#[authsafe::routes(scopes("openid,admin"))]
mod auth {}

fn main() {}
