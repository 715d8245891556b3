#[authsafe::routes(tenants("common"))]
mod auth {}

fn main() {}
