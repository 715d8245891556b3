#[authsafe::routes(
    protect("/admin/**" => auth),
    public("/admin/help", "/amdin/assets/**", "/health")
)]
mod auth {}

fn main() {}
