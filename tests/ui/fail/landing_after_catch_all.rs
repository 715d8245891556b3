#[authsafe::routes(landing(_ => "/", role("editor") => "/edit"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
