#[authsafe::require_scope("аdmin")]
async fn handler() {}

fn main() {
    let _ = handler;
}
