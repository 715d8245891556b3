#[authsafe::routes(shared_state(redis = env("REDIS_URL"), prefix = "my app:"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
