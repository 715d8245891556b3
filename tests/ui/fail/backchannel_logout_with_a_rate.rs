#[authsafe::routes(rate_limit(backchannel_logout = "20/minute"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
