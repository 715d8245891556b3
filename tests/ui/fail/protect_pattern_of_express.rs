#[authsafe::routes(protect("/users/:id" => auth))]
mod auth {}

fn main() {}
