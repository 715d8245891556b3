#[authsafe::routes(logout = "nowhere")]
mod auth {}

fn main() {}
