#[authsafe::require_scope(scope = "openid")]
async fn handler() {}

fn main() {
    let _ = handler;
}
