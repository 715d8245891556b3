#[authsafe::routes(
    protect("/**" => auth),
    public()
)]
mod auth {}

fn main() {}
