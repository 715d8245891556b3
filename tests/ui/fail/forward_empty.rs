#[authsafe::routes(forward())]
mod auth {}

fn main() {}
