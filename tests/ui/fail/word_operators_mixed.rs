#[authsafe::require(role("a") | (role("b") & role("c")))]
async fn handler() {}

fn main() {
    let _ = handler;
}
