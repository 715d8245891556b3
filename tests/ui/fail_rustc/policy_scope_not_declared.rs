#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[authsafe::policy(scope("admn"))]
struct Admin;

fn main() {}
