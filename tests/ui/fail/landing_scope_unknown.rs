#[authsafe::routes(landing(scope("billing") => "/billing", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
