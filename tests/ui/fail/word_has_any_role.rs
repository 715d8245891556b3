#[authsafe::require(hasAnyRole("admin", "editor"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
