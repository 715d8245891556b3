#[authsafe::routes(provider = "cognito", logout = "provider")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
