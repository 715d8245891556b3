use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin", "read:documents"))]
mod auth {}

#[require_scope("admin", route = auth)]
async fn handler() {}

fn main() {
    drop(handler());
}
