#[authsafe::require_role("a" || "b")]
async fn handler() {}

fn main() {
    let _ = handler;
}
