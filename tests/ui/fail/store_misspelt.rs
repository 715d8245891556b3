#[authsafe::routes(session(store = "Reddis"), shared_state(redis = env("REDIS_URL")))]
pub mod auth {}

fn main() {}
