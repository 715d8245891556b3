#[authsafe::routes(
    clinet_id = "abc",
    base_path = "api/auth",
    scopes("openid", "read documents"),
)]
mod auth {}

fn main() {
    drop(auth::from_env());
}
