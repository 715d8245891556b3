#[authsafe::routes(paths(signin = "/signin"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
