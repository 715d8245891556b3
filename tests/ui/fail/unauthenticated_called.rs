#[authsafe::routes(unauthenticated = signed_out())]
mod auth {}

fn main() {}
