#[authsafe::routes(scopes("openid", "profile"))]
mod auth {}

#[authsafe::require(recent = "10m")]
async fn handler() {}

fn main() {}
