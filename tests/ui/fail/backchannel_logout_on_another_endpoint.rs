#[authsafe::routes(paths(logout = "out", backchannel_logout = "out"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
