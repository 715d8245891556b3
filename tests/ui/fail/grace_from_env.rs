#[authsafe::routes(session(grace = env("GRACE")))]
mod auth {}

fn main() {}
