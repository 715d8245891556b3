#[authsafe::routes(pages(login = "/login"))]
mod auth {}

fn main() {}
