#![allow(dead_code)]

mod core {}
mod std {}
mod authsafe {}
struct Option;
struct Some;
struct String;
struct Result;

#[::authsafe::routes(
    scopes("openid", "admin"),
    client_id = env("ID", default = "abc"),
    cookies(secure),
    on_event = log,
)]
mod auth {
    struct Option;
    struct Result;
    struct Spec;
}

fn log(_: &::authsafe::hooks::Event<'_>) {}

#[::authsafe::require_scope("admin")]
async fn handler() {}

fn main() {
    let _ = handler;
    drop(auth::from_env());
}
