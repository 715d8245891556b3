#[authsafe::routes(paths(signin = "in", signin = "enter"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
