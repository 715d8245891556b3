#[authsafe::routes(protect(role("admin") => "/admin/**"))]
mod auth {}

fn main() {}
