#[authsafe::require_role("ad​min")]
async fn handler() {}

fn main() {
    let _ = handler;
}
