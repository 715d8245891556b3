#[authsafe::routes(app_url = "https://shop.example.com", cookies(name = "__Host-session", same_site = "none"))]
mod first {}

#[authsafe::routes(app_url = "https://Shop.Example.com", cookies(name = "__Secure-session", domain = ".example.com"))]
mod second {}

#[authsafe::routes(app_url = "https://shop.example.com:8443", cookies(domain = "shop.example.com", path = "/api", secure))]
mod third {}

#[authsafe::routes(cookies(domain = env("COOKIE_DOMAIN"), path = "/api/auth"), paths(backchannel_logout = "ended", session = "who"))]
mod fourth {}

#[authsafe::routes(base_path = "/shop/auth", cookies(path = "/shop"), protect("/shop/admin/**" => auth, "/shop" => auth))]
mod fifth {}

#[authsafe::routes(app_url = "https://shop.example.com", cross_origin = allow("http://localhost:5173", "https://admin.example.com"))]
mod sixth {}

fn main() {
    drop(first::from_env());
    drop(second::from_env());
    drop(third::from_env());
    drop(fourth::from_env());
    drop(fifth::from_env());
    drop(sixth::from_env());
}
