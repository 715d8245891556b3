#[authsafe::require_recent(max_age = 300)]
async fn handler() {}

fn main() {
    let _ = handler;
}
