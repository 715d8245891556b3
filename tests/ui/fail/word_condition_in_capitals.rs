#[authsafe::require(ROLE("a"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
