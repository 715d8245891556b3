//! Starting: what generated code calls, and where the environment is read.

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::StartError;
use crate::spec::Spec;

#[cfg(feature = "cli")]
mod command_line;

#[cfg(feature = "cli")]
pub use command_line::{Checked, check, doctor, wants_color};

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads the environment.
pub async fn from_env(spec: &'static Spec) -> Result<Auth, StartError> {
    Auth::start(spec.parts(), &env, Clock::default()).await
}

/// Reads variables by a look-up, for tests and for apps that keep them elsewhere.
pub async fn from_vars(
    spec: &'static Spec,
    lookup: impl Fn(&str) -> Option<String> + Send + Sync,
) -> Result<Auth, StartError> {
    Auth::start(spec.parts(), &lookup, Clock::default()).await
}

/// [`from_vars`] with a clock that tests set.
pub async fn from_vars_with_clock(
    spec: &'static Spec,
    lookup: impl Fn(&str) -> Option<String> + Send + Sync,
    clock: Clock,
) -> Result<Auth, StartError> {
    Auth::start(spec.parts(), &lookup, clock).await
}

/// Reads the environment; where sign-in cannot start, says so in the log and is switched off.
pub async fn from_env_or_unconfigured(spec: &'static Spec) -> Auth {
    match from_env(spec).await {
        Ok(auth) => auth,
        Err(error) => {
            tracing::warn!("{error}\nsign-in is switched off: its endpoints answer 503");
            Auth::unconfigured(spec.parts())
        }
    }
}

/// 32 random bytes as text, for `AUTHSAFE_COOKIE_SECRET`.
#[must_use]
pub fn new_cookie_secret() -> Option<String> {
    crate::clock::random_text().ok()
}
