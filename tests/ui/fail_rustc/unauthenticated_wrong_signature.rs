#[authsafe::routes(unauthenticated = signed_out)]
mod auth {}

fn signed_out(_: &authsafe::Error) -> authsafe::Response {
    authsafe::Response::new("".into())
}

fn main() {}
