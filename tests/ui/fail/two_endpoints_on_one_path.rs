#[authsafe::routes(paths(signin = "in", callback = "in"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
