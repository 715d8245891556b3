#[authsafe::require(!role("a"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
