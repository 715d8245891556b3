#[authsafe::routes(roles = "Site Admin, editor")]
mod auth {}

fn main() {}
