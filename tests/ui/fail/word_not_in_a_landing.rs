#[authsafe::routes(landing(!role("editor") => "/read", _ => "/"))]
mod auth {}

fn main() {}
