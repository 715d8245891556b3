#[authsafe::routes(claims("groups"))]
mod auth {}

fn main() {}
