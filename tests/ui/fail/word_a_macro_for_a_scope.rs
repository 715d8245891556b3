#[authsafe::routes(scopes("openid", "profile"))]
mod auth {}

#[authsafe::require_scope(concat!("open", "id"))]
async fn handler() {}

fn main() {}
