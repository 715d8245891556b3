#[authsafe::routes(
    scopes("openid", "admin"),
    protect("/admin/**" => any(scope("admn"), role("admin")))
)]
mod auth {}

fn main() {}
