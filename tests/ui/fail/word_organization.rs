#[authsafe::require(organization("acme"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
