#[authsafe::require(owner)]
async fn handler() {}

fn main() {
    let _ = handler;
}
