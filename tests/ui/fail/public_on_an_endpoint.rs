#[authsafe::routes(
    protect("/**" => auth),
    public("/api/auth/*")
)]
mod auth {}

fn main() {}
