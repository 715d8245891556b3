#[authsafe::routes(scopes("email", "admin"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
