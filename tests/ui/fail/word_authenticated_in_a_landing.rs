#[authsafe::routes(landing(authenticated => "/"))]
mod auth {}

fn main() {}
