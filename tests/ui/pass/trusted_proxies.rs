#[authsafe::routes(
    rate_limit(signin = "20/minute"),
    trusted_proxies("10.0.0.0/8", "192.0.2.7", "2001:db8::/32"),
)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
