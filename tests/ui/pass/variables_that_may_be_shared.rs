#[authsafe::routes(domain = env("ISSUER"), endpoints(issuer = env("ISSUER")))]
mod first {}

#[authsafe::routes(app_url = env("APP_URL"), bearer(audience = env("APP_URL")))]
mod second {}

#[authsafe::routes(bearer(audience = env("API")), authorize(audience = env("API"), resource = env("API")))]
mod third {}

#[authsafe::routes(bearer(audience = env("AUTHSAFE_CLIENT_ID")), client_id = env("AUTHSAFE_CLIENT_ID"))]
mod fourth {}

#[authsafe::routes(domain = env("HOST"), cookies(domain = env("HOST")))]
mod fifth {}

#[authsafe::routes(client_secret = none, authorize(audience = env("AUTHSAFE_CLIENT_SECRET")))]
mod sixth {}

#[authsafe::routes(client_secret = env("COOKIES"), cookie_secret = env("AUTHSAFE_CLIENT_SECRET"))]
mod seventh {}

#[authsafe::routes(client_id = "shop", domain = env("AUTHSAFE_CLIENT_ID"))]
mod eighth {}

#[authsafe::routes(provider = "keycloak", endpoints(issuer = env("AUTHSAFE_DOMAIN")))]
mod ninth {}

fn main() {
    drop(first::from_env());
    drop(second::from_env());
    drop(third::from_env());
    drop(fourth::from_env());
    drop(fifth::from_env());
    drop(sixth::from_env());
    drop(seventh::from_env());
    drop(eighth::from_env());
    drop(ninth::from_env());
}
