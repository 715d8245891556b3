#[authsafe::routes(
    scopes("openid", "admin"),
    protect("/admin/**" => auth, "/admin/**" => scope("admin"))
)]
mod auth {}

fn main() {}
