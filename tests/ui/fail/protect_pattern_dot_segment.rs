#[authsafe::routes(
    protect("/x/../admin" => auth)
)]
mod auth {}

fn main() {}
