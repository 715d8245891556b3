#[authsafe::require_scope(role("admin"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
