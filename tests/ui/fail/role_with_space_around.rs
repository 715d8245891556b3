#[authsafe::routes(roles(" editor"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
