use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin", "read:documents"))]
mod auth {}

#[require_scope(any("admin", "reed:documents"))]
async fn handler() {}

fn main() {}
