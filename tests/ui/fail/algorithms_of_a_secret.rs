#[authsafe::routes(algorithms("HS256"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
