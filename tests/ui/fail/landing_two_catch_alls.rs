#[authsafe::routes(landing(_ => "/", _ => "/home"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
