#[authsafe::routes(paths(signed_out = "/signed-out"))]
mod auth {}

fn main() {}
