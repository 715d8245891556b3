#[authsafe::routes(cross_origin = allow())]
mod auth {}

fn main() {}
