#[authsafe::routes(paths(signin = ""))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
