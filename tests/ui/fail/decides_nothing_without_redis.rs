#[authsafe::routes(
    shared_state(redis = none, prefix = "shop:", fail_closed),
)]
mod auth {}

fn main() {}
