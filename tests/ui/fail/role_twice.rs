#[authsafe::routes(roles("editor", "editor"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
