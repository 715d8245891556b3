#[authsafe::routes(landing(role() => "/edit", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
