#[authsafe::routes(
    protect("/admin/**", "/app/**" => auth)
)]
mod auth {}

fn main() {}
