#[authsafe::require(rol("a"), unauthenticated = "jsn")]
async fn handler() {}

fn main() {
    let _ = handler;
}
