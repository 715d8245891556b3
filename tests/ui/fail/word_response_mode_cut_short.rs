#[authsafe::routes(response_mode = "form")]
mod auth {}

fn main() {}
