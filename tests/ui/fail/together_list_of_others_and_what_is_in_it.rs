#[authsafe::require(or(role("a"), rol("b")))]
async fn handler() {}

fn main() {
    let _ = handler;
}
