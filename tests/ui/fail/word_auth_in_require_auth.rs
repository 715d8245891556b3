#[authsafe::require_auth(authenticated)]
async fn handler() {}

fn main() {
    let _ = handler;
}
