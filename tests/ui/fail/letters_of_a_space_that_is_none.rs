#[authsafe::require_role("site admin")]
async fn handler() {}

fn main() {
    let _ = handler;
}
