#[authsafe::routes(cookies(secure = "yes"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
