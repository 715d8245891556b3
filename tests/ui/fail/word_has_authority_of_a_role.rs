#[authsafe::require(hasAuthority("ROLE_admin"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
