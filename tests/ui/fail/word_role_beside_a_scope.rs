#[authsafe::require_scope(all("openid", role("admin")))]
async fn handler() {}

fn main() {
    let _ = handler;
}
