#[authsafe::routes]
mod auth {}

#[authsafe::require_role("editor")]
async fn handler() {}

fn main() {
    let _ = handler;
}
