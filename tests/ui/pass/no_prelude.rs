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

fn main() {
    let _ = handler;
    ::core::mem::drop(auth::from_env());
}
