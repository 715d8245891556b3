#[authsafe::routes(paths(session = "who"), landing(_ => "/api/auth/who"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
