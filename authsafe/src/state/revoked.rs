//! Sessions that ended before their time: a cookie that somebody kept is refused.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use moka::sync::Cache;

use crate::clock::UnixSeconds;

/// How many are remembered at the most.
const CAPACITY: u64 = 1_000_000;

/// The ended sessions of one process, each until it would have run out.
pub(crate) struct Revoked {
    sessions: Cache<[u8; 16], ()>,
    /// Users, and when all their sessions ended.
    users: Cache<String, UnixSeconds>,
    /// Until the first one ends, nothing needs to be looked up.
    any: AtomicBool,
}

impl Revoked {
    /// `max_age`: no session lasts longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        Self {
            sessions: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(max_age)
                .build(),
            users: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(max_age)
                .build(),
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

    /// Has this session ended?
    pub(crate) fn holds(&self, id: [u8; 16], user: &str, began: UnixSeconds) -> bool {
        self.any.load(Ordering::Acquire)
            && (self.sessions.contains_key(&id)
                || self.users.get(user).is_some_and(|ended| began <= ended))
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

    #[test]
    fn an_ended_session_is_known_and_others_are_not() {
        let revoked = Revoked::new(Duration::from_secs(60));
        assert!(!revoked.holds([1; 16], "u", 100));
        revoked.session([1; 16]);
        assert!(revoked.holds([1; 16], "u", 100));
        assert!(!revoked.holds([2; 16], "u", 100));
    }

    #[test]
    fn a_users_sessions_end_and_the_next_one_does_not() {
        let revoked = Revoked::new(Duration::from_secs(60));
        revoked.user("u", 100);
        assert!(revoked.holds([1; 16], "u", 100));
        assert!(!revoked.holds([1; 16], "u", 101));
        assert!(!revoked.holds([1; 16], "v", 50));
    }
}
