#[authsafe::routes(landing("/edit" => role("editor"), _ => "/"))]
mod auth {}

fn main() {}
