#[authsafe::require(policy = Some(documents::owner))]
async fn handler() {}

fn main() {
    let _ = handler;
}
