#[authsafe::routes(claims = "roles")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
