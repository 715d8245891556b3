#[authsafe::routes(
    scopes("openid", "admin"),
    protect("/app/*" => auth, "/App/Admin" => scope("admin"))
)]
mod auth {}

fn main() {}
