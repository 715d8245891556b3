#[authsafe::require(denyAll)]
async fn handler() {}

fn main() {
    let _ = handler;
}
