#[authsafe::require_permission(any("orders:read", "orders:read"))]
async fn handler() {}

fn main() {}
