#[authsafe::routes(claims(roles("groups", "realm access")))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
