#[authsafe::require(documents::owner)]
async fn handler() {}

fn main() {
    let _ = handler;
}
