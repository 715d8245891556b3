#[authsafe::routes(provider = "apple", logout(return_parameter = "next"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
