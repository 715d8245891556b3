//! What holds where an attribute is silent, and other keys are held to.

/// The variable of `domain`.
pub const DOMAIN_VARIABLE: &str = "AUTHSAFE_DOMAIN";

/// The variable of `client_id`.
pub const CLIENT_ID_VARIABLE: &str = "AUTHSAFE_CLIENT_ID";

/// The variable of `client_secret`.
pub const CLIENT_SECRET_VARIABLE: &str = "AUTHSAFE_CLIENT_SECRET";

/// The variable of `cookie_secret`.
pub const COOKIE_SECRET_VARIABLE: &str = "AUTHSAFE_COOKIE_SECRET";

/// The variable of `app_url`.
pub const APP_URL_VARIABLE: &str = "APP_URL";

/// The value of `base_path`.
pub const BASE_PATH: &str = "/api/auth";

/// The endpoints that are there in any case; each lies at its name.
pub const PATHS: [&str; 4] = ["signin", "callback", "logout", "refresh"];

/// The names in `scopes`.
pub const SCOPES: &[&str] = &["openid", "email", "profile"];

/// The parameters that pass from sign-in's query to the provider in any case.
pub const FORWARDED: &[&str] = &["login_hint", "prompt", "screen_hint", "ui_locales"];

/// The parameter that names the page to come back to after logout (RP-Initiated Logout 1.0 §2).
pub const LOGOUT_RETURN: &str = "post_logout_redirect_uri";

/// The names in `algorithms` (RFC 7518 §3.1, RFC 8037 §3.1): each is asymmetric.
pub const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

/// The value of `session(max_age)`, in seconds.
pub const MAX_AGE: u64 = 3600;

/// The value of `session(grace)`, in seconds.
pub const GRACE: u64 = 3600;
