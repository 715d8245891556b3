#[authsafe::require_role(not("guest"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
