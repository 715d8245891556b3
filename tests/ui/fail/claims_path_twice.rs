#[authsafe::routes(claims(roles("groups", "groups")))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
