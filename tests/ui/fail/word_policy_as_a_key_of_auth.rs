#[authsafe::require_auth(policy = owner)]
async fn handler() {}

fn main() {
    let _ = handler;
}
