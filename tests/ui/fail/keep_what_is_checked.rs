#[authsafe::routes(keep("tid", "exp"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
