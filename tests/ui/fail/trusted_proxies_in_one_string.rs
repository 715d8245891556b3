#[authsafe::routes(trusted_proxies("10.0.0.0/8 172.16.0.0/12"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
