#[authsafe::routes(
    scopes("openid", "admin"),
    protect(
        "/*/export" => auth,
        "/admin/**" => scope("admin"),
    )
)]
mod auth {}

fn main() {}
