#[authsafe::routes(
    protect("/**" => auth),
    public("/health?x")
)]
mod auth {}

fn main() {}
