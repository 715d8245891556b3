#[authsafe::routes(scopes("openid", "аdmin"))]
mod auth {}

fn main() {}
