#[authsafe::routes(app_url = "localhost:8080")]
mod auth {}

fn main() {}
