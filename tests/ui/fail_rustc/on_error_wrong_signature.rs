#[authsafe::routes(on_error = page)]
mod auth {}

fn page() -> String {
    String::new()
}

fn main() {
    drop(auth::from_env());
}
