#[authsafe::routes(
    protect("admin/**" => auth)
)]
mod auth {}

fn main() {}
