#[authsafe::routes(base_path = "/anmeldung/über")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
