#[authsafe::routes(forward("redirect_uri", "Request_URI"))]
mod auth {}

fn main() {}
