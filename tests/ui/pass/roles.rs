#[authsafe::routes(roles("editor", "Chief Editor"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
