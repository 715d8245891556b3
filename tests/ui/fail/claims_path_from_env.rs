#[authsafe::routes(claims(roles = env("ROLES_CLAIM")))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
