#[authsafe::routes(paths(signin, callback = "back"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
