#[authsafe::routes(cookies(same_site = "Lax"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
