#[authsafe::routes(endpoints(userinfo = "https://id.example.com/me"), userinfo = "auto")]
mod first {}

#[authsafe::routes(provider = "apple", endpoints(userinfo = "https://id.example.com/me", end_session = "https://id.example.com/out"))]
mod second {}

#[authsafe::routes(provider = "google", paths(signed_out = "signed-out"), endpoints(end_session = "https://id.example.com/out"))]
mod third {}

#[authsafe::routes(client_secret = env("SECRET", default = none), bearer(audience = "https://api.example.com", opaque_without_audience), endpoints(introspection = env("INTROSPECTION")))]
mod fourth {}

#[authsafe::routes(client_secret = none, bearer(audience = "https://api.example.com", opaque_without_audience = false))]
mod fifth {}

#[authsafe::routes(shared_state(redis = env("REDIS_URL", default = none), prefix = "shop:", fail_closed))]
mod sixth {}

#[authsafe::routes(shared_state(redis = none))]
mod seventh {}

#[authsafe::routes(session(max_age = "8h", idle = "7h"))]
mod eighth {}

#[authsafe::routes(tenants = any, endpoints(token = "https://id.example.com/token", jwks = "https://id.example.com/keys"))]
mod ninth {}

#[authsafe::routes(revoke_at_logout = false, endpoints(revocation = "https://id.example.com/revoke"))]
mod tenth {}

#[authsafe::routes(logout = "local", session(keep(id_token = false)))]
mod eleventh {}

#[authsafe::routes(unauthenticated = "json", pages(sign_in = "/login"), keep_post = "2KB")]
mod twelfth {}

#[authsafe::routes(trusted_proxies("10.0.0.0/8"))]
mod thirteenth {}

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
    drop(tenth::from_env());
    drop(eleventh::from_env());
    drop(twelfth::from_env());
    drop(thirteenth::from_env());
}
