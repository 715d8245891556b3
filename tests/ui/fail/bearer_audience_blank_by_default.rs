#[authsafe::routes(bearer(audience = env("API_AUDIENCE", default = "")))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
