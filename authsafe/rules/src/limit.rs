//! How long a text may be, in bytes, and how long a time, in seconds.

/// A scope, a role, a permission or an organization: what the type of a guard can carry, with room to spare.
pub const NAME: usize = 256;

/// A path to send a browser to: a landing page, or a return path, which travels in the cookie of the sign-in.
pub const TARGET: usize = 2048;

/// A form that met a sign-in, with the path that it was for, where there is nothing but a cookie to keep it in.
pub const KEPT_HERE: usize = 2048;

/// The same, where machines share it: a request of some servers' limit is twice as long.
pub const KEPT_SHARED: usize = 32 * 1024;

/// A cookie's name, or the prefix of the keys in a store.
pub const SHORT: usize = 64;

/// The longest duration: ten years.
pub const DURATION: u64 = 3650 * 24 * 3600;

/// A call of the provider. Other machines wait some 27 seconds for a refresh.
pub const TIMEOUT: u64 = 30;

/// The most seconds by which the provider's clock and ours may differ (RFC 7519 §4.1.4: a few minutes).
pub const LEEWAY: u64 = 600;

/// A sign-in, from its start to the callback.
pub const SIGN_IN: u64 = 3600;
