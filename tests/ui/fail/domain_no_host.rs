#[authsafe::routes(domain = "my tenant")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
