use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin", "read:documents"))]
mod auth {}

#[require_scope("admin", routes = crate::aut)]
async fn handler() {}

fn main() {
    let _ = handler;
}
