#[authsafe::routes(logout(return_to = "logout_uri"))]
mod auth {}

fn main() {}
