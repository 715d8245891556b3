#[authsafe::require_scope("openid", max_age = "5m")]
async fn handler() {}

fn main() {
    let _ = handler;
}
