//! What a text has to be, and what to write where it is not: rules for the compiler and for the start.

use crate::mended::mended;
use crate::pattern::Pattern;
use crate::text::{self, Reason, Verdict};
use crate::wrong::{Wrong, shown};

/// A rule that a text is held to. `T` is what the text means.
#[derive(Debug)]
pub struct Rule<T = ()> {
    /// Says what a text means, or why it is refused.
    pub check: fn(&str) -> Verdict<T>,
    /// What to write where no better spelling is known. May be empty.
    write: &'static str,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $(: $of:ty)? = $check:expr, $write:expr;)+) => {
        $($(#[$doc])* pub const $name: Rule $(<$of>)? = Rule { check: $check, write: $write };)+
    };
}

impl<T> Rule<T> {
    /// Says what is wrong with a text that the rule refuses.
    #[must_use]
    pub fn wrong(&self, text: &str, reason: &Reason) -> Wrong {
        let mended = mended(text, reason).filter(|it| (self.check)(it).is_ok());
        let instead = match (mended, reason) {
            (Some(origin), Reason::PathOfApp) => {
                let path = text.strip_prefix(&*origin).unwrap_or(text);
                let path = path.trim_end_matches('/');
                format!("write {origin:?}, and begin `base_path` with {path:?}")
            }
            (Some(mended), _) => format!("write {mended:?}"),
            (None, Reason::Variable(name)) => {
                format!("write its value, or `env({name:?})` in the attribute")
            }
            (None, _) if self.write.is_empty() => String::new(),
            (None, _) => format!("write {}", self.write),
        };
        Wrong {
            found: Some(shown(text)),
            because: reason.to_string(),
            instead,
        }
    }
}

rules! {
    /// Any text.
    ANYTHING = text::value, "";
    /// The path of a file of certificates.
    CA_FILE = text::file, r#"the path of a file, such as "/etc/ssl/provider.pem""#;

    /// A scope.
    SCOPE = text::scope, r#"a word such as "read:documents" (RFC 6749 §3.3)"#;
    /// A role.
    ROLE = text::role, r#"a name such as "editor""#;
    /// A permission.
    PERMISSION = text::role, r#"a name such as "orders:write""#;
    /// An organization.
    ORG = text::role, r#"an organization's id, such as "org_2f9c""#;
    /// The path of a claim.
    CLAIM = text::claim, r#"a claim's name such as "groups", or a path such as "realm_access.roles""#;
    /// The name of a variable.
    VARIABLE = text::variable, r#"a name such as "AUTHSAFE_CLIENT_ID""#;

    /// The id of a tenant.
    TENANT = text::tenant,
        r#"the GUID that the provider shows for it, such as "11111111-2222-3333-4444-555555555555""#;
    /// The algorithm of a signature.
    ALGORITHM = text::algorithm,
        r#"one that the provider signs with: "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384" or "EdDSA""#;
    /// A kind of data that browsers forget.
    SITE_DATA = text::site_data, r#"what browsers are to forget: "cache", "storage" or "cookies""#;
    /// A parameter of the authorization request.
    PARAMETER = text::parameter, r#"one of the provider's own, such as "organization""#;
    /// The parameter of a logout that tells where to come back to.
    RETURN_PARAMETER = text::parameter, r#"the one that the provider documents, such as "logout_uri""#;
    /// A parameter's value.
    PARAMETER_VALUE = text::parameter_value, "";

    /// The provider: its issuer, or its host.
    DOMAIN = text::domain, r#"a host or an https URL, such as "https://identities.example.com""#;
    /// The provider of an app on http.
    DOMAIN_OR_HTTP = text::domain_or_http, DOMAIN.write;
    /// The `iss` of the provider's tokens.
    ISSUER = text::issuer, r#"the `iss` of its tokens, such as "https://identities.example.com""#;
    /// The `iss` of the tokens of an app on http.
    ISSUER_OR_HTTP = text::issuer_or_http, ISSUER.write;
    /// The origin of the app.
    APP_URL = text::app_url,
        r#"the origin that browsers see, such as "https://app.example.com" or "http://localhost:3000""#;
    /// Another origin.
    ORIGIN = text::origin, r#"one as browsers send it, such as "https://admin.example.com""#;
    /// One of the provider's endpoints.
    ENDPOINT_URL = text::provider_endpoint, r#"an https URL, such as "https://identities.example.com/token""#;
    /// One of the endpoints of the provider of an app on http.
    ENDPOINT_URL_OR_HTTP = text::provider_endpoint_or_http, ENDPOINT_URL.write;
    /// The audience of access tokens.
    AUDIENCE = text::audience, r#"the `aud` of the tokens that are for this app, such as "https://api.example.com""#;
    /// The address of a proxy, or of a network of them.
    NETWORK = |it| text::network(it).map(drop),
        r#"the address of a proxy, or of a network of them, such as "10.0.0.0/8""#;

    /// The path below which the endpoints lie.
    BASE_PATH = text::base_path, r#"a path such as "/api/auth""#;
    /// The path of an endpoint.
    ENDPOINT_PATH = text::endpoint_path, r#"a path under `base_path`, such as "signin""#;
    /// The path of the session endpoint.
    SESSION_PATH = text::endpoint_path, r#"a path under `base_path`, such as "session""#;
    /// The path of the landing after a logout.
    SIGNED_OUT_PATH = text::endpoint_path, r#"a path under `base_path`, such as "signed-out""#;
    /// The path of the back-channel logout.
    BACKCHANNEL_LOGOUT_PATH = text::endpoint_path, r#"a path under `base_path`, such as "backchannel-logout""#;
    /// A page of the app.
    LOCAL_TARGET = text::local_target, r#"a path of this app, such as "/dashboard""#;
    /// A pattern of paths.
    PATTERN = |it| Pattern::parse(it).map(drop),
        r#"segments, `*` for any one, and `**` at the end for what lies below, such as "/admin/**""#;

    /// A cookie's name.
    COOKIE_NAME = text::cookie_name, r#"a name such as "authsafe" (RFC 6265 §4.1.1)"#;
    /// A cookie's domain.
    COOKIE_DOMAIN = text::cookie_domain, r#"a host name such as "example.com""#;
    /// A cookie's path.
    COOKIE_PATH = text::cookie_path, r#""/" or a path such as "/app""#;
    /// The text that keys in a store begin with.
    KEY_PREFIX = text::key_prefix, r#"something short such as "shop:""#;

    /// A number of seconds.
    DURATION: u64 = text::duration, r#"a number and a unit, such as "90s", "15m", "8h" or "7d""#;
    /// A number of bytes.
    SIZE: usize = text::size, r#"a number of kilobytes, such as "2KB" or "16KB""#;

    /// A count, and the seconds that it is for.
    RATE: (u32, u64) = text::rate, r#""20/minute" (second, minute, hour, day)"#;
}
