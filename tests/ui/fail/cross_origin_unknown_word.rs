#[authsafe::routes(cross_origin = any)]
mod auth {}

fn main() {}
