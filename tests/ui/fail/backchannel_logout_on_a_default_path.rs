#[authsafe::routes(paths(backchannel_logout = "logout"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
