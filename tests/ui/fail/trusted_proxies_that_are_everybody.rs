#[authsafe::routes(trusted_proxies("0.0.0.0/0"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
