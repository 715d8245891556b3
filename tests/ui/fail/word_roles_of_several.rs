#[authsafe::require(roles("a", "b"))]
async fn handler() {}

fn main() {
    let _ = handler;
}
