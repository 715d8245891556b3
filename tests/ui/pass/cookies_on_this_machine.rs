#[authsafe::routes(app_url = "http://localhost:3000", cookies(name = "__Host-session", secure))]
mod first {}

#[authsafe::routes(app_url = "http://app.localhost:3000", cookies(same_site = "none", secure))]
mod second {}

#[authsafe::routes(app_url = "http://localhost:3000", cookies(secure = false))]
mod third {}

#[authsafe::routes(app_url = env("APP_URL", default = "http://localhost:3000"), cookies(name = "__Host-session"))]
mod fourth {}

#[authsafe::routes(app_url = env("APP_URL", default = "https://shop.example.com"), cookies(secure = false, domain = "example.org"))]
mod fifth {}

#[authsafe::routes(app_url = "http://192.168.0.5:3000", cookies(name = "shop"))]
mod sixth {}

fn main() {
    drop(first::from_env());
    drop(second::from_env());
    drop(third::from_env());
    drop(fourth::from_env());
    drop(fifth::from_env());
    drop(sixth::from_env());
}
