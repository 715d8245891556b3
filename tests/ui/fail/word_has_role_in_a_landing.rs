#[authsafe::routes(landing(hasRole("editor") => "/edit", _ => "/"))]
mod auth {}

fn main() {}
