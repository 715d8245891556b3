#[authsafe::routes(provider = "authsafe", scopes("openid"), protect("/admin/**" => permission("users:write")))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
