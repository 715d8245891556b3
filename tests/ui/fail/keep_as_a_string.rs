#[authsafe::routes(keep = "department")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
