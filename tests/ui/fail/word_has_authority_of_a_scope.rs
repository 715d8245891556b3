#[authsafe::require(hasAuthority("SCOPE_openid"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
