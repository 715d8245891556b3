#[authsafe::routes(paths(backchannel_logout = "ended"), after_logout = "/api/auth/ended")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
