#[authsafe::routes(shared_state(env("REDIS_URL")))]
mod auth {}

fn main() {}
