#[authsafe::routes(userinfo = env("USERINFO"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
