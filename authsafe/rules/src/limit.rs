//! How long a text may be, in bytes.

/// A scope, a role, a permission or an organization: what the type of a guard can carry, with room to spare.
pub const NAME: usize = 256;

/// A path to send a browser to: a landing page, or a return path, which travels in the cookie of the sign-in.
pub const TARGET: usize = 1024;

/// A cookie's name, or the prefix of the keys in a store.
pub const SHORT: usize = 64;
