#[authsafe::require(all(authenticated, role("a")))]
async fn handler() {}

fn main() {
    let _ = handler;
}
