#[authsafe::routes(paths(sign_in = "in"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
