#[authsafe::routes(paths(signin = "callback"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
