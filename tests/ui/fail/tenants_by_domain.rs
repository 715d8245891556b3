#[authsafe::routes(tenants("contoso.onmicrosoft.com"))]
mod auth {}

fn main() {}
