#[authsafe::routes(trusted_proxies("10.0.0.0/64"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
