#[authsafe::routes(pages(error = "https://elsewhere.example.com/oops"))]
mod auth {}

fn main() {}
