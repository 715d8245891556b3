#[authsafe::routes(
    protect("/**" => auth),
    public(health)
)]
mod auth {}

fn main() {}
