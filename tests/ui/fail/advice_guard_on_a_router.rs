#[authsafe::require_auth]
fn app() -> axum::Router {
    axum::Router::new()
}

fn main() {
    let _ = app;
}
