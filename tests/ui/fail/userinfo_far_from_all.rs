#[authsafe::routes(userinfo = "yes please")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
