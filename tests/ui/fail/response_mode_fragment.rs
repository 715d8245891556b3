#[authsafe::routes(response_mode = "fragment")]
mod auth {}

fn main() {}
