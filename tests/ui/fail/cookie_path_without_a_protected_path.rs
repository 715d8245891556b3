#[authsafe::routes(
    cookies(path = "/api"),
    protect("/api/orders/**" => auth, "/admin/**" => auth),
)]
mod auth {}

fn main() {}
