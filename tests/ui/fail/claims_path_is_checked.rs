#[authsafe::routes(claims(organization = "aud"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
