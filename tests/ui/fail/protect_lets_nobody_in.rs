#[authsafe::routes(
    scopes("openid", "admin"),
    protect("/admin/**" => all(scope("admin"), not(scope("admin"))))
)]
mod auth {}

fn main() {}
