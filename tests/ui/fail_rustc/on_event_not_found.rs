#[authsafe::routes(on_event = audit::log)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
