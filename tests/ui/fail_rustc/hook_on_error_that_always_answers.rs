#[authsafe::routes(on_error = page)]
mod auth {}

fn page(_: &authsafe::Error, _: &http::request::Parts) -> authsafe::Response {
    authsafe::Response::new("".into())
}

fn main() {}
