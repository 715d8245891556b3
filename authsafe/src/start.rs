//! Starting: what generated code calls, and where the environment is read.

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::StartError;
#[cfg(feature = "cli")]
use crate::doctor::{self, Depth, Report};
#[cfg(feature = "cli")]
use crate::error::ProviderError;
use crate::spec::Spec;

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads the environment.
pub async fn from_env(spec: &'static Spec) -> Result<Auth, StartError> {
    Auth::start(spec.parts(), &env, Clock::default()).await
}

/// The report of `authsafe check`.
#[cfg(feature = "cli")]
#[derive(Debug)]
pub struct Checked {
    /// The handle.
    pub auth: Auth,
    /// The cause for which the provider was not reached.
    pub unreachable: Option<ProviderError>,
    /// The provider's endpoints by name, as far as there are any; its issuer first. Empty where it was
    /// not reached.
    pub endpoints: Vec<(&'static str, Option<String>)>,
}

/// Reads the environment, else the look-up, and asks the provider, for `authsafe check`.
#[cfg(feature = "cli")]
pub async fn check(
    spec: &'static Spec,
    lookup: impl Fn(&str) -> Option<String> + Send + Sync,
) -> Result<Checked, StartError> {
    let lookup = |name: &str| env(name).or_else(|| lookup(name));
    let (auth, unreachable) = Auth::try_start(spec.parts(), &lookup, Clock::default()).await?;
    Ok(Checked {
        endpoints: auth.provider_endpoints(),
        auth,
        unreachable,
    })
}

/// Reads the environment, else the look-up, and asks the provider all that can be asked without a sign-in,
/// for `authsafe doctor`.
#[cfg(feature = "cli")]
pub async fn doctor(
    spec: &'static Spec,
    lookup: impl Fn(&str) -> Option<String> + Send + Sync,
    depth: Depth,
) -> Report {
    let lookup = |name: &str| env(name).or_else(|| lookup(name));
    doctor::examine(spec.parts(), &lookup, depth, Clock::default()).await
}

/// Returns whether a terminal may be written to in colors: it has them, and nobody minds (`NO_COLOR`).
#[cfg(feature = "cli")]
#[must_use]
pub fn wants_color() -> bool {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    variable("NO_COLOR").is_empty() && variable("TERM") != "dumb"
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
