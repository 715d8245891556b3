#[authsafe::routes(cross_origin = allow("https://admin.example.com", "https://admin.example.com/"))]
mod auth {}

fn main() {}
