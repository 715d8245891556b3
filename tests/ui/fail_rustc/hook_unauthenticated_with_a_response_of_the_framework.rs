use axum::response::IntoResponse;

#[authsafe::routes(unauthenticated = signed_out)]
mod auth {}

fn signed_out(_: &authsafe::hooks::SignedOut<'_>) -> axum::response::Response {
    "sign in".into_response()
}

fn main() {}
