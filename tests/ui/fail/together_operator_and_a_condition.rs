#[authsafe::require(all(role("a") || role("b"), rol("c")))]
async fn handler() {}

fn main() {
    let _ = handler;
}
