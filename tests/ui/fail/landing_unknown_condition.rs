#[authsafe::routes(landing(scop("email") => "/", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
