#[authsafe::routes(landing(_ => dashboard))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
