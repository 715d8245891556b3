#[authsafe::routes(tenants = "any")]
mod auth {}

fn main() {}
