#[authsafe::require_role("admin, editor")]
async fn handler() {}

fn main() {
    let _ = handler;
}
