#[authsafe::routes(allowed_origins = "https://admin.example.com")]
mod auth {}

fn main() {}
