#[authsafe::routes(
    roles("a", "b", "c"),
    landing(role("a") => "/a", role("b") => "/b", any(role("b"), role("a")) => "/ab", _ => "/"),
)]
mod auth {}

fn main() {}
