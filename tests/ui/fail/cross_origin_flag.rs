#[authsafe::routes(cross_origin)]
mod auth {}

fn main() {}
