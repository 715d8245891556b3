#[authsafe::routes(app_url = "http://localhost:3000")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
