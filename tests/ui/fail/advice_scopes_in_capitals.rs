#[authsafe::routes(scopes("OpenID", "admin"))]
mod auth {}

fn main() {}
