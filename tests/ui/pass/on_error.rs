#[authsafe::routes(on_error = crate::page)]
mod auth {}

fn page(
    _: &authsafe::Error,
    _: &http::request::Parts,
) -> Option<authsafe::Response> {
    None
}

fn main() {
    drop(auth::from_env());
}
