#[authsafe::routes(cross_origin = "https://admin.example.com")]
mod auth {}

fn main() {}
