#[authsafe::routes(roles = none)]
mod auth {}

fn main() {}
