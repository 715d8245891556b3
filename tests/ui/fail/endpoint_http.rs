#[authsafe::routes(endpoints(token = "http://id.example.com/token"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
