#[authsafe::routes(
    protect("/admin/**" => auth "/app/**" => auth)
)]
mod auth {}

fn main() {}
