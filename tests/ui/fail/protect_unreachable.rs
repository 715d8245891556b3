#[authsafe::routes(
    scopes("openid", "admin"),
    protect(
        "/app/**" => auth,
        "/app/admin/*" => scope("admin"),
    )
)]
mod auth {}

fn main() {}
