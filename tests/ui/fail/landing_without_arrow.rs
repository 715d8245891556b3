#[authsafe::routes(landing(role("editor"), _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
