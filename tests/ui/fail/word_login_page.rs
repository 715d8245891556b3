#[authsafe::routes(login = "/login")]
mod auth {}

fn main() {}
