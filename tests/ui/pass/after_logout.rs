#[authsafe::routes(after_logout = "/bye?again=1")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
