#[authsafe::routes(landing(role("editor") || role("author") => "/edit", _ => "/"))]
mod auth {}

fn main() {}
