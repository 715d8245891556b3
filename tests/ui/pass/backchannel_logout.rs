#[authsafe::routes(paths(backchannel_logout = "backchannel-logout"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
