#[authsafe::routes(on_event = |_| {})]
mod auth {}

fn main() {
    drop(auth::from_env());
}
