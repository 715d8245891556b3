#[authsafe::require_auth(unauthenticated = redirect)]
async fn handler() {}

fn main() {
    let _ = handler;
}
