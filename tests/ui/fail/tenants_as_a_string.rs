#[authsafe::routes(tenants = "11111111-2222-3333-4444-555555555555")]
mod auth {}

fn main() {}
