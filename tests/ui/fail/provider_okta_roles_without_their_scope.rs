#[authsafe::routes(provider = "okta", scopes("openid", "profile"), roles("admin"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
