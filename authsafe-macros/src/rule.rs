//! What a text has to be, and what to write where it is not.

use authsafe_rules::pattern::Pattern;
use authsafe_rules::text::{self, Verdict};

/// A rule that a text is held to. `T` is what the text means.
pub(crate) struct Rule<T = ()> {
    pub(crate) check: fn(&str) -> Verdict<T>,
    /// The advice where no better spelling is known. May be empty.
    pub(crate) hint: &'static str,
}

const fn rule<T>(check: fn(&str) -> Verdict<T>, hint: &'static str) -> Rule<T> {
    Rule { check, hint }
}

pub(crate) const ANYTHING: Rule = rule(text::not_blank, "");

pub(crate) const SCOPE: Rule = rule(
    text::scope,
    r#"write a word such as "read:documents" (RFC 6749 §3.3)"#,
);
pub(crate) const ROLE: Rule = rule(text::role, r#"write a name such as "editor""#);
pub(crate) const PERMISSION: Rule = rule(text::role, r#"write a name such as "orders:write""#);
pub(crate) const ORG: Rule = rule(
    text::role,
    r#"write an organization's id, such as "org_2f9c""#,
);
pub(crate) const CLAIM: Rule = rule(
    text::claim,
    r#"write a claim's name such as "groups", or a path such as "realm_access.roles""#,
);
pub(crate) const VARIABLE: Rule = rule(
    text::variable,
    r#"write a name such as "AUTHSAFE_CLIENT_ID""#,
);

pub(crate) const TENANT: Rule = rule(
    text::tenant,
    r#"write the GUID that the provider shows for it, such as "11111111-2222-3333-4444-555555555555""#,
);
pub(crate) const ALGORITHM: Rule = rule(
    text::algorithm,
    r#"write one that the provider signs with: "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384" or "EdDSA""#,
);
pub(crate) const SITE_DATA: Rule = rule(
    text::site_data,
    r#"write what browsers are to forget: "cache", "storage" or "cookies""#,
);
pub(crate) const PARAMETER: Rule = rule(
    text::parameter,
    r#"write one of the provider's own, such as "organization""#,
);
pub(crate) const RETURN_PARAMETER: Rule = rule(
    text::parameter,
    r#"write the one that the provider documents, such as "logout_uri""#,
);
pub(crate) const PARAMETER_VALUE: Rule = rule(text::parameter_value, "");

pub(crate) const DOMAIN: Rule = rule(
    text::domain,
    r#"write a host or an https URL, such as "https://identities.example.com""#,
);
pub(crate) const APP_URL: Rule = rule(
    text::app_url,
    r#"write the origin that browsers see, such as "https://app.example.com" or "http://localhost:3000""#,
);
pub(crate) const ORIGIN: Rule = rule(
    text::origin,
    r#"write one as browsers send it, such as "https://admin.example.com""#,
);
pub(crate) const ENDPOINT_URL: Rule = rule(
    text::endpoint_url,
    r#"write an https URL, such as "https://identities.example.com/token""#,
);
pub(crate) const AUDIENCE: Rule = rule(
    text::audience,
    r#"write the `aud` of the tokens that are for this app, such as "https://api.example.com""#,
);
pub(crate) const NETWORK: Rule = rule(
    |it| text::network(it).map(drop),
    r#"write the address of a proxy, or of a network of them, such as "10.0.0.0/8""#,
);

pub(crate) const BASE_PATH: Rule = rule(text::base_path, r#"write a path such as "/api/auth""#);
pub(crate) const ENDPOINT_PATH: Rule = rule(
    text::endpoint_path,
    r#"write a path under `base_path`, such as "signin""#,
);
pub(crate) const SESSION_PATH: Rule = rule(
    text::endpoint_path,
    r#"write a path under `base_path`, such as "session""#,
);
pub(crate) const SIGNED_OUT_PATH: Rule = rule(
    text::endpoint_path,
    r#"write a path under `base_path`, such as "signed-out""#,
);
pub(crate) const BACKCHANNEL_LOGOUT_PATH: Rule = rule(
    text::endpoint_path,
    r#"write a path under `base_path`, such as "backchannel-logout""#,
);
pub(crate) const LOCAL_TARGET: Rule = rule(
    text::local_target,
    r#"write a path of this app, such as "/dashboard""#,
);
pub(crate) const PATTERN: Rule = rule(
    |it| Pattern::parse(it).map(drop),
    r#"write segments, `*` for any one, and `**` at the end for what lies below, such as "/admin/**""#,
);

pub(crate) const COOKIE_NAME: Rule = rule(
    text::cookie_name,
    r#"write a name such as "authsafe" (RFC 6265 §4.1.1)"#,
);
pub(crate) const COOKIE_DOMAIN: Rule = rule(
    text::cookie_domain,
    r#"write a host name such as "example.com""#,
);
pub(crate) const COOKIE_PATH: Rule =
    rule(text::cookie_path, r#"write "/" or a path such as "/app""#);
pub(crate) const KEY_PREFIX: Rule =
    rule(text::key_prefix, r#"write something short such as "shop:""#);

/// A number of seconds.
pub(crate) const DURATION: Rule<u64> = rule(
    text::duration,
    r#"write a number and a unit, such as "90s", "15m", "8h" or "7d""#,
);
/// A number of bytes.
pub(crate) const SIZE: Rule<usize> = rule(
    text::size,
    r#"write a number of kilobytes, such as "2KB" or "16KB""#,
);

/// A count, and the seconds that it is for.
pub(crate) const RATE: Rule<(u32, u64)> = rule(
    text::rate,
    r#"write "20/minute" (second, minute, hour, day)"#,
);
