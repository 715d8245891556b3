#[authsafe::require(role("a") && !role("b"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
