#[authsafe::routes(paths(session = "ended", backchannel_logout = "ended"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
