#[authsafe::require(Owner)]
async fn handler() {}

fn main() {
    let _ = handler;
}
