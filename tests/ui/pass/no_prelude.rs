#![no_implicit_prelude]

#[::authsafe::routes(
    scopes("openid", "admin"),
    client_id = env("ID", default = "abc"),
    landing(scope("admin") => "/admin", _ => "/"),
    session(idle = "5m"),
    rate_limit(signin = "5/second"),
)]
mod auth {}

#[::authsafe::require_scope(any("admin", "openid"))]
async fn handler() {}

#[::authsafe::policy]
async fn owner(_: &::authsafe::Session, _: &::http::request::Parts) -> bool {
    true
}

#[::authsafe::policy(scope("admin"))]
struct Admin;

#[::authsafe::require(policy = owner)]
#[::authsafe::require(policy = Admin)]
async fn owned() {}

fn main() {
    let _ = (handler, owned);
    ::core::mem::drop(auth::from_env());
}
