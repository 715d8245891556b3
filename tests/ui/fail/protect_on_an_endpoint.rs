#[authsafe::routes(
    protect("/api/auth/signin" => auth)
)]
mod auth {}

fn main() {}
