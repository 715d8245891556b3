#[authsafe::routes(landing(role("editor"): "/edit", _ => "/"))]
mod auth {}

fn main() {}
