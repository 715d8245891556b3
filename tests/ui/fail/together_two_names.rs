#[authsafe::require_scope(all("a b", ""))]
async fn handler() {}

fn main() {
    let _ = handler;
}
