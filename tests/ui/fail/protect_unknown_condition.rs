#[authsafe::routes(
    protect("/admin/**" => authenticated)
)]
mod auth {}

fn main() {}
