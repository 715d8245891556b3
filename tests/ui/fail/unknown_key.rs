#[authsafe::routes(clinet_id = "abc")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
