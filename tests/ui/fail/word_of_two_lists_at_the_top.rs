#[authsafe::routes(max_age)]
mod auth {}

fn main() {}
