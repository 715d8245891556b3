#[authsafe::routes(pages(sign_in = "/api/auth/signin"))]
mod auth {}

fn main() {}
