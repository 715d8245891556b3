#[authsafe::routes(after_logout = "/", pages(signed_out = "/bye"))]
mod auth {}

fn main() {}
