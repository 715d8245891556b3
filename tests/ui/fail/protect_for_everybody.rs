#[authsafe::routes(
    protect("/admin/**" => _)
)]
mod auth {}

fn main() {}
