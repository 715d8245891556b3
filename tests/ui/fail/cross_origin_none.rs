#[authsafe::routes(cross_origin = allow(none))]
mod auth {}

fn main() {}
