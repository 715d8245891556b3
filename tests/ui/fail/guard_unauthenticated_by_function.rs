use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[require_scope("admin", unauthenticated = signed_out)]
async fn handler() {}

fn main() {}
