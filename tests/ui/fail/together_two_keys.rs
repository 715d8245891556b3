#[authsafe::require_role("a", unauthenticated = "jsn", routes = crate::auth::SPEC)]
async fn handler() {}

fn main() {
    let _ = handler;
}
