#[authsafe::routes(claims(rolles = "groups"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
