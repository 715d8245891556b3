use authsafe::require_scope;

#[authsafe::routes(scopes(
    "openid",
    "https://api.example.com/auth/scopes/documents.readonly.of.the.whole.organization",
))]
mod auth {}

#[require_scope("https://api.example.com/auth/scopes/documents.readonly.of.the.whole.organization")]
async fn handler() {}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(handler);
}
