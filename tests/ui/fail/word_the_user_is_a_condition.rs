#[authsafe::routes(scopes("openid", "profile"))]
mod auth {}

#[authsafe::require(user("alice"))]
async fn handler() {}

fn main() {}
