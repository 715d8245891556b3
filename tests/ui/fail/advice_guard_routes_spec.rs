#[authsafe::require_scope("openid", routes = crate::auth::SPEC)]
async fn handler() {}

fn main() {
    let _ = handler;
}
