#[authsafe::routes(landing(always, _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
