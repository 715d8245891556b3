#[authsafe::routes(provider = "authelia", scopes("openid"), landing(role("admin") => "/admin", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
