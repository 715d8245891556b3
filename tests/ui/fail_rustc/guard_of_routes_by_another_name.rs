#[authsafe::routes(scopes("openid", "admin"))]
mod login {}

#[authsafe::require_scope("admin")]
async fn dashboard() {}

fn main() {}
