#[authsafe::routes(landing(any => "/"))]
mod auth {}

fn main() {}
