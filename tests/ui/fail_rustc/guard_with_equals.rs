use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[require_scope = "admin"]
async fn handler() {}

fn main() {
    let _ = handler;
}
