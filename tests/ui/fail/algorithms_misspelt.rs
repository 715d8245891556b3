#[authsafe::routes(algorithms("ESS256"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
