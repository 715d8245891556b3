#[authsafe::routes(protect("/users/{id}/edit" => auth))]
mod auth {}

fn main() {}
