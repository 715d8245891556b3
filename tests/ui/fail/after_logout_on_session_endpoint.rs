#[authsafe::routes(paths(session = "who"), after_logout = "/api/auth/who")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
