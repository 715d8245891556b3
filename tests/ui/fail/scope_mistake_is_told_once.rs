#[authsafe::routes(scopes("openid", admin), landing(scope("admin") => "/admin", _ => "/"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
