#[authsafe::routes(unauthenticated = Unauthenticated::Redirect)]
mod auth {}

fn main() {}
