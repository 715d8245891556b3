#[authsafe::require_auth(unauthenticated("json"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
