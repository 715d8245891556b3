//! What one process has found out about access tokens.

use core::time::Duration;

use super::introspections::Introspections;
use super::token_cache::{OwnRefreshTokens, TokenCache};
use crate::clock::UnixSeconds;
use crate::session::Session;

/// How long the provider's word on an opaque token is good for.
pub(crate) const INTROSPECTED: Duration = Duration::from_secs(30);

/// How long a signature is taken for checked: as long as the provider's keys are, so that a key that
/// it withdrew is gone after this.
const VERIFIED: Duration = Duration::from_secs(3600);

/// What this process has found out about tokens. JWTs, good opaque tokens and refused ones apart:
/// whoever makes them up by the thousand must not drive out the good ones.
#[derive(Debug)]
pub(crate) struct BearerTokens {
    pub(crate) verified: TokenCache<Session>,
    pub(crate) introspected: TokenCache<Introspected<Session>>,
    pub(crate) refused: TokenCache<Introspected<()>>,
    /// The last word on these was that they are good: nobody made them up.
    pub(crate) good_before: TokenCache<()>,
    pub(crate) questions: Introspections,
    /// The app's own refresh tokens.
    pub(crate) own: OwnRefreshTokens,
}

/// What the provider said of a token, and how long its word is good for.
#[derive(Clone)]
pub(crate) struct Introspected<T> {
    pub(crate) found: T,
    pub(crate) until: UnixSeconds,
}

impl BearerTokens {
    /// `max_age`: no token is taken for longer. No session lasts longer than `session_max_age`.
    pub(crate) fn new(max_age: Duration, session_max_age: Duration) -> Self {
        Self {
            verified: TokenCache::new(max_age.min(VERIFIED)),
            introspected: TokenCache::new(INTROSPECTED),
            refused: TokenCache::new(INTROSPECTED),
            good_before: TokenCache::new(max_age),
            questions: Introspections::new(),
            own: OwnRefreshTokens::new(session_max_age),
        }
    }
}
