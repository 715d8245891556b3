#[authsafe::routes(session(idle = "2h"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
