#[authsafe::routes(trusted_proxies("::ffff:10.0.0.0/104"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
