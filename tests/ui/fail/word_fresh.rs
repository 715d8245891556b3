#[authsafe::require(fresh("5m"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
