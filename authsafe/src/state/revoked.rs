//! Sessions that ended before their time: a cookie that somebody kept is refused.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::clock::UnixSeconds;

/// How many are remembered at the most.
const CAPACITY: u64 = 1_000_000;

/// What a session may be ended by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndedBy<'a> {
    pub(crate) id: [u8; 16],
    pub(crate) user: &'a str,
    /// `sid`, where the provider gave one.
    pub(crate) provider_session: Option<&'a str>,
    /// When the session began: the end of a user's sessions is not that of the next one.
    pub(crate) began: UnixSeconds,
}

/// The ended sessions of one process, each until it would have run out.
pub(crate) struct Revoked {
    sessions: Cache<[u8; 16], ()>,
    /// Users, and when all their sessions ended.
    users: Cache<String, UnixSeconds>,
    /// The provider's own sessions, and when those that came of them ended.
    provider_sessions: Cache<String, UnixSeconds>,
    /// Until the first one ends, nothing needs to be looked up.
    any: AtomicBool,
}

impl Revoked {
    /// `max_age`: no session lasts longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        let ends = || {
            let cache = Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru());
            cache.time_to_live(max_age).build()
        };
        Self {
            sessions: Cache::builder()
                .max_capacity(CAPACITY)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(max_age)
                .build(),
            users: ends(),
            provider_sessions: ends(),
            any: AtomicBool::new(false),
        }
    }

    /// Ends one session.
    pub(crate) fn session(&self, id: [u8; 16]) {
        self.sessions.insert(id, ());
        self.any.store(true, Ordering::Release);
    }

    /// Ends all sessions of a user that began until now.
    pub(crate) fn user(&self, user: &str, now: UnixSeconds) {
        self.users.insert(user.to_owned(), now);
        self.any.store(true, Ordering::Release);
    }

    /// Ends all sessions of one session at the provider that began until now.
    pub(crate) fn provider_session(&self, sid: &str, now: UnixSeconds) {
        self.provider_sessions.insert(sid.to_owned(), now);
        self.any.store(true, Ordering::Release);
    }

    /// Has this session ended?
    pub(crate) fn holds(&self, session: &EndedBy<'_>) -> bool {
        let began_until = |ended| session.began <= ended;
        self.any.load(Ordering::Acquire)
            && (self.sessions.contains_key(&session.id)
                || self.users.get(session.user).is_some_and(began_until)
                || session
                    .provider_session
                    .and_then(|sid| self.provider_sessions.get(sid))
                    .is_some_and(began_until))
    }
}

impl fmt::Debug for Revoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revoked(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: u8, user: &'static str, began: UnixSeconds) -> EndedBy<'static> {
        EndedBy {
            id: [id; 16],
            user,
            provider_session: None,
            began,
        }
    }

    #[test]
    fn an_ended_session_is_known_and_others_are_not() {
        let revoked = Revoked::new(Duration::from_secs(60));
        assert!(!revoked.holds(&session(1, "u", 100)));
        revoked.session([1; 16]);
        assert!(revoked.holds(&session(1, "u", 100)));
        assert!(!revoked.holds(&session(2, "u", 100)));
    }

    #[test]
    fn a_users_sessions_end_and_the_next_one_does_not() {
        let revoked = Revoked::new(Duration::from_secs(60));
        revoked.user("u", 100);
        assert!(revoked.holds(&session(1, "u", 100)));
        assert!(!revoked.holds(&session(1, "u", 101)));
        assert!(!revoked.holds(&session(1, "v", 50)));
    }

    #[test]
    fn the_sessions_of_one_provider_session_end_and_others_do_not() {
        let revoked = Revoked::new(Duration::from_secs(60));
        revoked.provider_session("s", 100);
        let of = |sid, began| EndedBy {
            provider_session: sid,
            ..session(1, "u", began)
        };
        assert!(revoked.holds(&of(Some("s"), 100)));
        assert!(!revoked.holds(&of(Some("s"), 101)));
        assert!(!revoked.holds(&of(Some("t"), 100)));
        assert!(!revoked.holds(&of(None, 100)));
    }
}
