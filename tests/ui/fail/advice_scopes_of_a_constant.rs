#[authsafe::routes(scopes("openid", SCOPE_ADMIN))]
mod auth {}

fn main() {}
