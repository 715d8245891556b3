//! The keys, each with how it is written, and as they were written: every span kept, nothing forbidden
//! but syntax.

use proc_macro2::TokenStream;

use crate::error::Errors;
use crate::keys::{self, Keys, keys};
use crate::krate;
use crate::unauthenticated;

keys!(
    /// The keys of `#[routes(...)]`.
    RoutesArgs in "{}" {
        domain: "domain" = r#"domain = "https://identities.example.com"` or `domain = env("AUTHSAFE_DOMAIN")"#,
        client_id: "client_id" = r#"client_id = "..."` or `client_id = env("AUTHSAFE_CLIENT_ID")"#,
        client_secret: "client_secret" = r#"client_secret = env("AUTHSAFE_CLIENT_SECRET")` or `client_secret = none"#,
        client_auth: "client_auth" = r#"client_auth = "auto""#,
        cookie_secret: "cookie_secret" = r#"cookie_secret = env("AUTHSAFE_COOKIE_SECRET")"#,
        app_url: "app_url" = r#"app_url = "https://app.example.com"` or `app_url = env("APP_URL")"#,
        ca_file: "ca_file" = r#"ca_file = env("AUTHSAFE_CA_FILE")"#,
        base_path: "base_path" = r#"base_path = "/api/auth""#,
        paths: "paths" = r#"paths(signin = "signin", callback = "callback")"#,
        scopes: "scopes" = r#"scopes("openid", "email", "profile")"#,
        roles: "roles" = r#"roles("editor", "admin")"#,
        tenants: "tenants" = r#"tenants("11111111-2222-3333-4444-555555555555")` or `tenants = any"#,
        provider: "provider" = r#"provider = "keycloak"` or `provider("keycloak", timeout = "10s", leeway = "2m")"#,
        authorize: "authorize" = r#"authorize(audience = "https://api.example.com")"#,
        response_mode: "response_mode" = r#"response_mode = "form_post""#,
        forward: "forward" = r#"forward("organization")"#,
        landing: "landing" = r#"landing(role("admin") => "/admin", _ => "/")"#,
        after_logout: "after_logout" = r#"after_logout = "/""#,
        keep_post: "keep_post" = r#"keep_post = "2KB""#,
        pages: "pages" = r#"pages(error = "/oops", sign_in = "/login")"#,
        logout: "logout" = r#"logout = "provider"`, `logout = "local"` or `logout(return_parameter = "logout_uri")"#,
        revoke_at_logout: "revoke_at_logout" = "revoke_at_logout` or `revoke_at_logout = false",
        clear_site_data: "clear_site_data" = r#"clear_site_data("cache", "storage")"#,
        endpoints: "endpoints" = r#"endpoints(token = "https://identities.example.com/token")"#,
        algorithms: "algorithms" = r#"algorithms("ES256")"#,
        userinfo: "userinfo" = r#"userinfo = "auto""#,
        claims: "claims" = r#"claims(roles = "realm_access.roles")"#,
        keep: "keep" = r#"keep("department", "tid")"#,
        session: "session" = r#"session(max_age = "8h", idle = "30m")"#,
        bearer: "bearer" = r#"bearer(audience = "https://api.example.com")"#,
        cross_origin: "cross_origin" = r#"cross_origin = allow("https://admin.example.com")` or `cross_origin = unchecked"#,
        cookies: "cookies" = r#"cookies(name = "authsafe", same_site = "lax")"#,
        rate_limit: "rate_limit" = r#"rate_limit(signin = "20/minute")"#,
        trusted_proxies: "trusted_proxies" = r#"trusted_proxies("10.0.0.0/8", "2001:db8::/32")"#,
        shared_state: "shared_state" = r#"shared_state(redis = env("REDIS_URL"))"#,
        protect: "protect" = r#"protect("/admin/**" => role("admin"), "/app/**" => auth)"#,
        public: "public" = r#"public("/health", "/assets/**")"#,
        unauthenticated: "unauthenticated" = unauthenticated::USAGE,
        on_event: "on_event" = "on_event = path::to::function",
        on_error: "on_error" = "on_error = path::to::function",
        krate: "crate" = krate::USAGE,
    }
);

keys!(
    /// The keys of `paths(...)`.
    PathArgs in "paths({})" {
        signin: "signin" = r#"signin = "signin""#,
        callback: "callback" = r#"callback = "callback""#,
        logout: "logout" = r#"logout = "logout""#,
        refresh: "refresh" = r#"refresh = "refresh""#,
        session: "session" = r#"session = "session""#,
        signed_out: "signed_out" = r#"signed_out = "signed-out""#,
        backchannel_logout: "backchannel_logout" = r#"backchannel_logout = "backchannel-logout""#,
    }
);

keys!(
    /// The keys of `pages(...)`.
    PageArgs in "pages({})" {
        error: "error" = r#"error = "/oops""#,
        expired: "expired" = r#"expired = "/welcome-back""#,
        sign_in: "sign_in" = r#"sign_in = "/login""#,
        signed_out: "signed_out" = r#"signed_out = "/bye""#,
    }
);

keys!(
    /// The keys of `provider(...)`.
    CallArgs in "provider({})" {
        timeout: "timeout" = r#"timeout = "10s""#,
        leeway: "leeway" = r#"leeway = "2m""#,
    }
);

keys!(
    /// The keys of `logout(...)`.
    LogoutArgs in "logout({})" {
        return_parameter: "return_parameter" = r#"return_parameter = "logout_uri""#,
    }
);

keys!(
    /// The keys of `rate_limit(...)`.
    RateArgs in "rate_limit({})" {
        signin: "signin" = r#"signin = "20/minute""#,
        callback: "callback" = r#"callback = "20/minute""#,
        logout: "logout" = r#"logout = "20/minute""#,
        refresh: "refresh" = r#"refresh = "20/minute""#,
        session: "session" = r#"session = "60/minute""#,
    }
);

keys!(
    /// The keys of `endpoints(...)`.
    ProviderArgs in "endpoints({})" {
        issuer: "issuer" = r#"issuer = "https://identities.example.com"` or `issuer = env("NAME")"#,
        authorization: "authorization" = r#"authorization = "https://identities.example.com/authorization"` or `authorization = env("NAME")"#,
        token: "token" = r#"token = "https://identities.example.com/token"` or `token = env("NAME")"#,
        jwks: "jwks" = r#"jwks = "https://identities.example.com/jwks"` or `jwks = env("NAME")"#,
        userinfo: "userinfo" = r#"userinfo = "https://identities.example.com/userinfo"` or `userinfo = env("NAME")"#,
        revocation: "revocation" = r#"revocation = "https://identities.example.com/revocation"` or `revocation = env("NAME")"#,
        introspection: "introspection" = r#"introspection = "https://identities.example.com/introspection"` or `introspection = env("NAME")"#,
        end_session: "end_session" = r#"end_session = "https://identities.example.com/end_session"` or `end_session = env("NAME")"#,
        authsafe: "authsafe" = "authsafe` or `authsafe = false",
    }
);

keys!(
    /// The keys of `claims(...)`.
    ClaimArgs in "claims({})" {
        roles: "roles" = r#"roles = "realm_access.roles"` or `roles("groups", "realm_access.roles")"#,
        permissions: "permissions" = r#"permissions = "permissions"` or `permissions("permissions", "rights")"#,
        organization: "organization" = r#"organization = "tid""#,
        name: "name" = r#"name = "display_name"` or `name("name", "preferred_username")"#,
        email: "email" = r#"email = "mail"` or `email("email", "mail")"#,
    }
);

keys!(
    /// The keys of `session(...)`.
    SessionArgs in "session({})" {
        max_age: "max_age" = r#"max_age = "8h""#,
        idle: "idle" = r#"idle = "30m""#,
        transaction: "transaction" = r#"transaction = "10m""#,
        auto_refresh: "auto_refresh" = "auto_refresh` or `auto_refresh = false",
        refresh_before: "refresh_before" = r#"refresh_before = "1m""#,
        grace: "grace" = r#"grace = "1h"` or `grace = none"#,
        keep: "keep" = "keep(id_token = false, access_token = false)",
        store: "store" = r#"store = "redis"` or `store = path::to::function"#,
    }
);

keys!(
    /// The keys of `session(keep(...))`.
    KeepArgs in "session(keep({}))" {
        id_token: "id_token" = "id_token` or `id_token = false",
        access_token: "access_token" = "access_token` or `access_token = false",
    }
);

keys!(
    /// The keys of `bearer(...)`.
    BearerArgs in "bearer({})" {
        audience: "audience" = r#"audience = "https://api.example.com"` or `audience = env("API_AUDIENCE")"#,
        max_age: "max_age" = r#"max_age = "8h""#,
        opaque_without_audience: "opaque_without_audience" = "opaque_without_audience` or `opaque_without_audience = false",
    }
);

keys!(
    /// The keys of `cookies(...)`.
    CookieArgs in "cookies({})" {
        name: "name" = r#"name = "authsafe""#,
        same_site: "same_site" = r#"same_site = "lax""#,
        secure: "secure" = "secure` or `secure = false",
        domain: "domain" = r#"domain = "example.com"` or `domain = env("COOKIE_DOMAIN")"#,
        path: "path" = r#"path = "/""#,
    }
);

keys!(
    /// The keys of `shared_state(...)`.
    StateArgs in "shared_state({})" {
        redis: "redis" = r#"redis = env("REDIS_URL")"#,
        prefix: "prefix" = r#"prefix = "shop:""#,
        fail_closed: "fail_closed" = "fail_closed` or `fail_closed = false",
    }
);

pub(crate) fn parse(args: TokenStream, errors: &mut Errors) -> RoutesArgs {
    keys::parse(args, errors)
}

/// The lists of keys, each as [`Keys::WITHIN`] says it.
pub(crate) fn lists() -> [(&'static str, &'static [(&'static str, &'static str)]); 13] {
    fn list<T: Keys>() -> (&'static str, &'static [(&'static str, &'static str)]) {
        (T::WITHIN, T::KEYS)
    }
    [
        list::<RoutesArgs>(),
        list::<PathArgs>(),
        list::<PageArgs>(),
        list::<CallArgs>(),
        list::<LogoutArgs>(),
        list::<RateArgs>(),
        list::<ProviderArgs>(),
        list::<ClaimArgs>(),
        list::<SessionArgs>(),
        list::<KeepArgs>(),
        list::<BearerArgs>(),
        list::<CookieArgs>(),
        list::<StateArgs>(),
    ]
}
