#[authsafe::routes(session(store = "redis"), shared_state(redis = none))]
pub mod auth {}

fn main() {}
