#[authsafe::require_auth(role = "admin")]
async fn handler() {}

fn main() {
    let _ = handler;
}
