#[authsafe::routes(landing = "/home")]
mod auth {}

fn main() {}
