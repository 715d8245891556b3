#[authsafe::routes(scopes("openid", "admin"), landing(scope("admn") => "/admin", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
