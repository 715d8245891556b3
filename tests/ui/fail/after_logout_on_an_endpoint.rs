#[authsafe::routes(base_path = "/auth", after_logout = "/auth/logout?x=1")]
mod auth {}

fn main() {
    drop(auth::from_env());
}
