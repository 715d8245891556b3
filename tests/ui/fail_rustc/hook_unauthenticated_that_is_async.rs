#[authsafe::routes(unauthenticated = signed_out)]
mod auth {}

async fn signed_out(visitor: &authsafe::hooks::SignedOut<'_>) -> authsafe::Response {
    visitor.auto()
}

fn main() {}
