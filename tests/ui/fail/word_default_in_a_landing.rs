#[authsafe::routes(landing(default => "/"))]
mod auth {}

fn main() {}
