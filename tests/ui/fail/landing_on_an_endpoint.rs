#[authsafe::routes(landing(_ => "/api/auth/signin"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
