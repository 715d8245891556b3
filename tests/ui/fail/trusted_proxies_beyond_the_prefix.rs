#[authsafe::routes(trusted_proxies("10.1.2.3/8"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
