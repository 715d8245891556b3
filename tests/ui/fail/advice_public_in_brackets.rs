#[authsafe::routes(protect("/**" => auth), public(["/health", "/about"]))]
mod auth {}

fn main() {}
