#[authsafe::require_auth]
async fn app() -> axum::Router {
    axum::Router::new()
}

fn main() {
    let _ = app;
}
