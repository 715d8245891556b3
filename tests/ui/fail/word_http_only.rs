#[authsafe::routes(cookies(http_only))]
mod auth {}

fn main() {}
