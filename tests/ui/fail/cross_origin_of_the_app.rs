#[authsafe::routes(app_url = "https://app.example.com", cross_origin = allow("https://app.example.com"))]
mod auth {}

fn main() {}
