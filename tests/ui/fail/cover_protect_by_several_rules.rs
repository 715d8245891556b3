#[authsafe::routes(
    scopes("openid", "admin"),
    protect(
        "/a" => auth,
        "/b/**" => auth,
        "/a/*/**" => auth,
        "/a/**" => scope("admin"),
    )
)]
mod auth {}

fn main() {}
