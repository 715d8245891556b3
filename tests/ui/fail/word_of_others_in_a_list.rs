#[authsafe::routes(cookies(cookie_name = "shop"))]
mod auth {}

fn main() {}
