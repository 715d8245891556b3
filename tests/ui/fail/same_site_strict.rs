#[authsafe::routes(cookies(same_site = "strict"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
