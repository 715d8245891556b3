#[authsafe::routes(
    scopes("openid", "admin"),
    protect(
        "admin" => scope("admn"),
        "/app" => auth,
        "/app" => auth,
        "/users/:id",
    ),
    public("/app", "/health/"),
)]
mod auth {}

fn main() {}
