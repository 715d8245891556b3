use authsafe::require_scope;

#[authsafe::routes(domain = "http://id.example.com", scopes("openid", "admin"))]
mod auth {}

#[require_scope("admn")]
async fn handler() {}

fn main() {
    let _ = handler;
}
