#[authsafe::routes(cross_origin = allow("https://admin.example.com/app"))]
mod auth {}

fn main() {}
