#[authsafe::require_permission("orders:wrіte")]
async fn handler() {}

fn main() {
    let _ = handler;
}
