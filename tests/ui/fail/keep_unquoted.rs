#[authsafe::routes(keep(tid))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
