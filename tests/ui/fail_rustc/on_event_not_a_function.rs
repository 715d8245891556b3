#[authsafe::routes(on_event = LOG)]
mod auth {}

const LOG: u8 = 1;

fn main() {
    drop(auth::from_env());
}
