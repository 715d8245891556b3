#[authsafe::require_role("a", crate::auth)]
async fn handler() {}

fn main() {
    let _ = handler;
}
