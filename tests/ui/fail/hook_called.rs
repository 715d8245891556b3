#[authsafe::routes(on_event = log())]
mod auth {}

fn main() {
    drop(auth::from_env());
}
