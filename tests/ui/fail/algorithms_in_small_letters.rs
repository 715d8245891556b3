#[authsafe::routes(algorithms("es256"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
