#[authsafe::routes(logout = "provder")]
mod auth {}

fn main() {}
