#[authsafe::routes(logout(return_parameter = "client_id"))]
mod auth {}

fn main() {}
