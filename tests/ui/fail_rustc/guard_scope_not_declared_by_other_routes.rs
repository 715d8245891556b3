use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[authsafe::routes(scopes("openid", "staff"))]
mod staff {}

#[require_scope("admin", routes = staff)]
async fn handler() {}

fn main() {
    let _ = handler;
}
