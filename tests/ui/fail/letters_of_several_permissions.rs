#[authsafe::require_permission("orders:read orders:write")]
async fn handler() {}

fn main() {
    let _ = handler;
}
