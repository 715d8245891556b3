#[authsafe::routes(on_error = page)]
mod auth {}

async fn page(_: &authsafe::Error, _: &http::request::Parts) -> Option<authsafe::Response> {
    None
}

fn main() {}
