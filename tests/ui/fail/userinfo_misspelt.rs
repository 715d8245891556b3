#[authsafe::routes(userinfo = "allways")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
