#[authsafe::routes(cookies(name = "me", same_site = "none", secure, domain = "example.com", path = "/api"))]
mod auth {}

fn main() {
    drop(auth::from_env());
}
