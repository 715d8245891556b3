#[authsafe::routes(landing(role("editor") => "/edit", else => "/"))]
mod auth {}

fn main() {}
