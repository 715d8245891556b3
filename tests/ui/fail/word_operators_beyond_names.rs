#[authsafe::require_role("a" && scope("openid"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
