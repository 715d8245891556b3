#[authsafe::routes(keep_post = "64KB", shared_state(redis = env("REDIS_URL")))]
mod auth {}

fn main() {}
