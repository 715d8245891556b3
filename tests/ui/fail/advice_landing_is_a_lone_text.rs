#[authsafe::routes(landing(role("editor") => "/edit", "/"))]
mod auth {}

fn main() {}
