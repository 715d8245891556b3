#[authsafe::routes(tenants = all)]
mod auth {}

fn main() {}
