#[authsafe::require(hasRole("admin"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
