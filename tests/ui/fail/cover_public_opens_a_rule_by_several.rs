#[authsafe::routes(
    protect("/app/**" => auth, "/shop" => auth, "/shop/**" => permission("sell")),
    public("/app", "/app/help", "/app/*/**", "/shop/*/**")
)]
mod auth {}

fn main() {}
