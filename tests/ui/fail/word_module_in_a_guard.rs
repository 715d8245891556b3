#[authsafe::require_scope("openid", module = auth)]
async fn handler() {}

fn main() {
    let _ = handler;
}
