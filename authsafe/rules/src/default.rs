//! What holds where an attribute is silent, and other keys are held to.

/// The value of `base_path`.
pub const BASE_PATH: &str = "/api/auth";

/// The endpoints that are there in any case; each lies at its name.
pub const PATHS: [&str; 4] = ["signin", "callback", "logout", "refresh"];

/// The names in `scopes`.
pub const SCOPES: &[&str] = &["openid", "email", "profile"];

/// The value of `session(max_age)`, in seconds.
pub const MAX_AGE: u64 = 3600;
