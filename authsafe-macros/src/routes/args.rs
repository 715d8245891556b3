//! The keys as they were written: every span kept, nothing forbidden but syntax.

use proc_macro2::TokenStream;

use crate::error::Errors;
use crate::keys::{self, keys};

keys!(
    /// `#[routes(...)]`.
    RoutesArgs {
        domain: "domain",
        client_id: "client_id",
        client_secret: "client_secret",
        cookie_secret: "cookie_secret",
        app_url: "app_url",
        ca_file: "ca_file",
        base_path: "base_path",
        paths: "paths",
        scopes: "scopes",
        roles: "roles",
        landing: "landing",
        after_logout: "after_logout",
        endpoints: "endpoints",
        session: "session",
        bearer: "bearer",
        cookies: "cookies",
        rate_limit: "rate_limit",
        trusted_proxies: "trusted_proxies",
        shared_state: "shared_state",
        protect: "protect",
        public: "public",
        unauthenticated: "unauthenticated",
        on_event: "on_event",
        on_error: "on_error",
        krate: "crate",
    }
);

keys!(
    /// `paths(...)`.
    PathArgs {
        signin: "signin",
        callback: "callback",
        logout: "logout",
        refresh: "refresh",
        session: "session",
        backchannel_logout: "backchannel_logout",
    }
);

keys!(
    /// `rate_limit(...)`.
    RateArgs {
        signin: "signin",
        callback: "callback",
        logout: "logout",
        refresh: "refresh",
        session: "session",
    }
);

keys!(
    /// `endpoints(...)`.
    ProviderArgs {
        issuer: "issuer",
        authorization: "authorization",
        token: "token",
        jwks: "jwks",
        userinfo: "userinfo",
        revocation: "revocation",
        introspection: "introspection",
        end_session: "end_session",
        authsafe: "authsafe",
    }
);

keys!(
    /// `session(...)`.
    SessionArgs {
        max_age: "max_age",
        idle: "idle",
        transaction: "transaction",
        auto_refresh: "auto_refresh",
        refresh_before: "refresh_before",
        store: "store",
    }
);

keys!(
    /// `bearer(...)`.
    BearerArgs {
        audience: "audience",
        max_age: "max_age",
        opaque_without_audience: "opaque_without_audience",
    }
);

keys!(
    /// `cookies(...)`.
    CookieArgs {
        name: "name",
        same_site: "same_site",
        secure: "secure",
        domain: "domain",
        path: "path",
    }
);

keys!(
    /// `shared_state(...)`.
    StateArgs {
        redis: "redis",
        prefix: "prefix",
        fail_closed: "fail_closed",
    }
);

pub(crate) fn parse(args: TokenStream, errors: &mut Errors) -> RoutesArgs {
    keys::parse(args, errors)
}
