#[authsafe::require_scope(recent("5m"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
