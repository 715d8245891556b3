use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin", "read:documents"))]
mod auth {}

#[require_scope(all("admin" "read:documents"))]
async fn handler() {}

fn main() {
    drop(handler());
}
