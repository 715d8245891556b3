#[authsafe::require(session.role == "a")]
async fn handler() {}

fn main() {
    let _ = handler;
}
