use std::fmt::Display;

use authsafe::require_scope;
use axum::extract::{FromRequestParts, State};

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[require_scope("admin")]
async fn handler<'a, T, const N: usize>(State(state): State<T>, parts: [u8; N]) -> impl Display + use<T, N>
where
    T: Display + 'a,
    [u8; N]: Sized,
{
    format!("{state}{}", parts.len())
}

#[require_scope("admin")]
async fn extract<E>(extracted: E) -> String
where
    E: FromRequestParts<()> + Display + 'static,
{
    extracted.to_string()
}

fn main() {
    let _ = handler::<u8, 3>;
    let _ = axum::routing::get::<_, _, ()>(extract::<axum::http::Method>);
}
