//! What one process has found out about access tokens.

use core::time::Duration;

use super::introspections::Introspections;
use super::seen_tokens::SeenTokens;
use super::token_cache::{CAPACITY, HELD, OwnRefreshTokens, TokenCache, TokenHash};
use crate::clock::UnixSeconds;
use crate::session::Session;

/// How long the provider's word on an opaque token is good for.
pub(crate) const INTROSPECTED: Duration = Duration::from_secs(30);

/// How long a signature is taken for checked: as long as the provider's keys are, so that a key that
/// it withdrew is gone after this.
const VERIFIED: Duration = Duration::from_secs(3600);

/// What this process has found out about tokens. JWTs, good opaque tokens and refused ones apart:
/// whoever makes them up by the thousand must not drive out the good ones.
pub(crate) struct BearerTokens {
    pub(crate) verified: TokenCache<Session>,
    /// In front of the verified ones: those that came lately.
    pub(crate) seen: SeenTokens,
    /// How long a signature is taken for checked.
    pub(crate) verified_for: Duration,
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
        let verified_for = max_age.min(VERIFIED);
        Self {
            verified: TokenCache::new(verified_for, CAPACITY),
            seen: SeenTokens::new(),
            verified_for,
            introspected: TokenCache::new(INTROSPECTED, CAPACITY),
            refused: TokenCache::new(INTROSPECTED, CAPACITY),
            good_before: TokenCache::new(max_age, CAPACITY),
            questions: Introspections::new(),
            own: OwnRefreshTokens::new(session_max_age, HELD),
        }
    }

    /// Remembers a verified token, unless it is one of the app's own refresh tokens by now.
    pub(crate) fn note_seen(&self, token: &str, hash: &TokenHash, session: &Session) {
        let until = session
            .active_at()
            .saturating_add(self.verified_for.as_secs());
        self.seen.remember(token, session.clone(), until);
        // Whoever notes it as one afterwards forgets it here.
        if self.own.get(hash).is_some() {
            self.seen.forget(token);
        }
    }

    /// Notes a refresh token of the app's own, by its hash and its text.
    pub(crate) fn note_own(&self, hash: TokenHash, token: &str) {
        self.own.put(hash, ());
        self.seen.forget(token.trim_end_matches('='));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Identity, SessionId, SessionTokens};
    use crate::types::{Token, Tokens};

    const TOKEN: &str = "a.b.signature";
    const HOUR: Duration = Duration::from_secs(3600);

    /// Verified at 1000.
    fn session() -> Session {
        let tokens = Tokens {
            access: Token::new(TOKEN),
            refresh: None,
            id: None,
        };
        let identity = Identity {
            active_at: 1000,
            ..Identity::new(SessionId([0; 16]), "alice".to_owned())
        };
        Session::decode(
            identity.encode().unwrap(),
            SessionTokens::Open(tokens.into()),
        )
        .unwrap()
    }

    #[test]
    fn a_refresh_token_of_the_apps_own_is_seen_no_more_whenever_it_is_noted() {
        let tokens = BearerTokens::new(HOUR, HOUR);
        let is_seen = || tokens.seen.get(TOKEN, 1000).is_some();
        tokens.note_seen(TOKEN, &[1; 32], &session());
        assert!(is_seen());
        tokens.note_own([1; 32], TOKEN);
        assert!(!is_seen());
        tokens.note_seen(TOKEN, &[1; 32], &session());
        assert!(!is_seen());
    }

    #[test]
    fn a_seen_token_is_verified_again_as_long_after_it_was_as_the_keys_serve() {
        for (max_age, until) in [(2 * HOUR, 4600), (HOUR / 60, 1060)] {
            let tokens = BearerTokens::new(max_age, HOUR);
            tokens.note_seen(TOKEN, &[1; 32], &session());
            assert!(tokens.seen.get(TOKEN, until - 1).is_some());
            assert!(tokens.seen.get(TOKEN, until).is_none());
        }
    }
}
