#[authsafe::routes(protect("/app/**" => auth), pages(sign_in = "/app/login", error = "/oops"))]
mod auth {}

fn main() {}
