//! What the command line calls.

use super::env;
use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::StartError;
use crate::doctor::{self, Depth, Report};
use crate::error::ProviderError;
use crate::spec::Spec;

/// The report of `authsafe check`.
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
pub async fn doctor(
    spec: &'static Spec,
    lookup: impl Fn(&str) -> Option<String> + Send + Sync,
    depth: Depth,
) -> Report {
    let lookup = |name: &str| env(name).or_else(|| lookup(name));
    doctor::examine(spec.parts(), &lookup, depth, Clock::default()).await
}

/// Returns whether a terminal may be written to in colors: it has them, and nobody minds (`NO_COLOR`).
#[must_use]
pub fn wants_color() -> bool {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    variable("NO_COLOR").is_empty() && variable("TERM") != "dumb"
}
