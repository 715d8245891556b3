#[authsafe::routes(endpoints(authorization = "https://id.example.com/authorize#x"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
