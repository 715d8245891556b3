#[authsafe::routes(paths(signed_out = "callback"))]
mod auth {}

fn main() {}
