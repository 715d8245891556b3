#[authsafe::routes(
    base_path = "/auth",
    protect("/auth/**" => auth)
)]
mod auth {}

fn main() {}
