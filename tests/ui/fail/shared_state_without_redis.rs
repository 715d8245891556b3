#[authsafe::routes(shared_state(fail_closed))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
