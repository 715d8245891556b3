//! The only names that generated code may use. Nothing in here is public interface.

pub use crate::declared::declared;
pub use crate::policy::{All, Any, Join, List, Name, Require, Role, Scope, SignedIn, Text};

#[cfg(feature = "client")]
pub use crate::guard::Guard;
#[cfg(feature = "cli")]
pub use crate::start::check;
#[cfg(feature = "client")]
pub use crate::start::{from_env, from_env_or_unconfigured, from_vars, new_cookie_secret};
