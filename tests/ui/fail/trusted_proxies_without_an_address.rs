#[authsafe::routes(trusted_proxies("load-balancer.internal"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
