#[authsafe::routes(tenants())]
mod auth {}

fn main() {}
