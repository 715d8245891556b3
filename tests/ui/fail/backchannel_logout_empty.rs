#[authsafe::routes(paths(backchannel_logout = ""))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
