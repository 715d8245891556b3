#[authsafe::routes(landing(any(role("a"), role("b")) => "/ab", role("b") => "/b", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
