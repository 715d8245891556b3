#[authsafe::require_org("аcme")]
async fn handler() {}

fn main() {
    let _ = handler;
}
