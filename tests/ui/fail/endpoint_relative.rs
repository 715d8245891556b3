#[authsafe::routes(endpoints(token = "/auth/token"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
