#[authsafe::routes(on_event = log)]
mod auth {}

fn log(event: String) {
    drop(event);
}

fn main() {
    drop(auth::from_env());
}
