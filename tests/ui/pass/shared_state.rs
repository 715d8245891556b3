#[authsafe::routes(shared_state(redis = env("REDIS_URL", default = none), prefix = "shop:", fail_closed))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
