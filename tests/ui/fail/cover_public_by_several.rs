#[authsafe::routes(
    protect("/**" => auth),
    public("/assets", "/assets/*", "/assets/*/*/**", "/assets/**")
)]
mod auth {}

fn main() {}
