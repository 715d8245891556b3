#[authsafe::require_permission("read,write")]
async fn handler() {}

fn main() {
    let _ = handler;
}
