#[authsafe::routes(landing(scope => "/", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
