#[authsafe::routes(landing(role("editor") => "/edit", role("editor") => "/other", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
