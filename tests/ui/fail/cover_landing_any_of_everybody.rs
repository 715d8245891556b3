#[authsafe::routes(roles("a"), landing(any(role("a"), _) => "/a", _ => "/"))]
mod auth {}

fn main() {}
