#[authsafe::routes(landing(role("a", "b") => "/edit", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
