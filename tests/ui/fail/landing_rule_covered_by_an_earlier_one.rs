#[authsafe::routes(landing(role("editor") => "/edit", all(role("editor"), scope("email")) => "/both", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
