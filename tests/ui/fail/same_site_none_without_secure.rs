#[authsafe::routes(cookies(same_site = "none"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
