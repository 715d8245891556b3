#[authsafe::routes(protect = "/admin/**")]
mod auth {}

fn main() {}
