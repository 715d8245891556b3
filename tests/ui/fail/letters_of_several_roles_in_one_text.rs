#[authsafe::routes(roles("admin,editor"))]
mod auth {}

fn main() {}
