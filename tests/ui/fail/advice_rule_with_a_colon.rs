#[authsafe::routes(protect("/app/**": auth))]
mod auth {}

fn main() {}
