#[authsafe::routes(cookies(name = "__Host-me", secure = false))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
