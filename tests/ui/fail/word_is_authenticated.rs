#[authsafe::require(isAuthenticated())]
async fn handler() {}

fn main() {
    let _ = handler;
}
