use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin", "read:documents"))]
mod auth {}

#[require_scope(all(any("admin", "read:documents"), any("read:documents", "admin")))]
async fn handler() {}

fn main() {
    drop(handler());
}
