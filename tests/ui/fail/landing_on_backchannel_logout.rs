#[authsafe::routes(paths(backchannel_logout = "ended"), landing(_ => "/api/auth/ended"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
