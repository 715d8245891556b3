#[authsafe::require_auth(routes = None)]
async fn handler() {}

fn main() {
    let _ = handler;
}
