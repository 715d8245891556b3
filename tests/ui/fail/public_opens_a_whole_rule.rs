#[authsafe::routes(
    protect("/admin/users" => auth, "/app/**" => auth),
    public("/admin/**")
)]
mod auth {}

fn main() {}
