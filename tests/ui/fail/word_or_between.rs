#[authsafe::require(role("a") or role("b"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
