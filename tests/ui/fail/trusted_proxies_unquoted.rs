#[authsafe::routes(trusted_proxies(10.0.0.0/8))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
