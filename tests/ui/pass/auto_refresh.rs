#[authsafe::routes(scopes("openid", "offline_access"), session(auto_refresh))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
