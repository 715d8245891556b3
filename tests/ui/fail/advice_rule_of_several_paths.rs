#[authsafe::routes(protect(["/a", "/b"] => auth))]
mod auth {}

fn main() {}
