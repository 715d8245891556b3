#[authsafe::routes(trusted_proxies())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
