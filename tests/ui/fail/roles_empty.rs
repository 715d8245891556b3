#[authsafe::routes(roles())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
