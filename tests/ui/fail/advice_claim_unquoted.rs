#[authsafe::routes(claims(roles = realm_access.roles))]
mod auth {}

fn main() {}
