#[authsafe::require(recent(600))]
async fn handler() {}

fn main() {
    let _ = handler;
}
