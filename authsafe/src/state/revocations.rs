//! Sessions that ended before their time: a cookie that somebody kept is refused.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use core::time::Duration;

use super::names::{KeptByKey, Names};
use crate::clock::{FineTime, UnixSeconds};
use crate::session::SessionId;
use crate::types::Subject;

/// How many are remembered at the most.
const CAPACITY: usize = 1_000_000;

/// What a session may be ended by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RevocableBy<'a> {
    pub(crate) id: SessionId,
    pub(crate) user: Subject<&'a str>,
    /// `sid`, where the provider gave one.
    pub(crate) provider_session: Option<&'a str>,
    /// When the session began: the end of a user's sessions is not that of the next one.
    pub(crate) began: FineTime,
}

/// Sessions that end together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AllOf<'a> {
    User(Subject<&'a str>),
    /// Those of one session at the provider.
    ProviderSession(&'a str),
    /// Those of a user that name no session at the provider.
    Unlinked(Subject<&'a str>),
}

/// How far clocks may differ by which something ended, in seconds.
const SKEW: u64 = 600;

/// Returns until when what ends now has ended that had ended before. It stays so where clocks differ, or one was set back;
/// an end that is far ahead was by a clock that was wrong.
pub(super) fn later_end(before: Option<FineTime>, now: FineTime) -> FineTime {
    let is_near = |it: &FineTime| it.seconds <= now.seconds.saturating_add(SKEW);
    before.filter(is_near).map_or(now, |before| before.max(now))
}

/// After how many sign-ins in this process something ended.
type SignIns = u32;

/// After none at all, that is: the browser has the cookie of another session since.
const REPLACED: SignIns = 0;

/// The ended sessions of one process, each until it would have run out at least.
pub(crate) struct Revocations {
    sessions: KeptByKey<SignIns>,
    /// Users, and when all their sessions ended.
    users: KeptByKey<End>,
    /// The provider's own sessions, and when those that came of them ended.
    provider_sessions: KeptByKey<End>,
    /// Users, and when those of their sessions ended of which no session at the provider is known.
    unlinked: KeptByKey<End>,
    names: Names,
    /// How many there have been, and one more.
    sign_ins: AtomicU32,
    /// Until the first one ends, nothing needs to be looked up.
    any: AtomicBool,
}

/// When sessions ended, and after how many sign-ins.
#[derive(Clone, Copy)]
struct End {
    seconds: UnixSeconds,
    nanos: u32,
    after: SignIns,
}

impl End {
    fn new(at: FineTime, after: SignIns) -> Self {
        let FineTime { seconds, nanos } = at;
        Self {
            seconds,
            nanos,
            after,
        }
    }

    fn at(self) -> FineTime {
        let Self { seconds, nanos, .. } = self;
        FineTime { seconds, nanos }
    }
}

impl Revocations {
    /// `max_age`: no session lasts longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        let ends = || KeptByKey::new(max_age, CAPACITY);
        Self {
            sessions: KeptByKey::new(max_age, CAPACITY),
            users: ends(),
            provider_sessions: ends(),
            unlinked: ends(),
            names: Names::default(),
            sign_ins: AtomicU32::new(REPLACED + 1),
            any: AtomicBool::new(false),
        }
    }

    /// Ends one session.
    pub(crate) fn revoke_session(&self, id: SessionId) {
        // Who has been replaced stays so.
        self.sessions
            .update(id.0, |ended| Some(ended.unwrap_or(self.sign_ins())));
        self.any.store(true, Ordering::Release);
    }

    /// Ends a session in whose place its browser has got another one.
    pub(crate) fn replace_session(&self, id: SessionId) {
        self.sessions.put(id.0, REPLACED);
        self.any.store(true, Ordering::Release);
    }

    /// Somebody has signed in: in a browser, perhaps, in which a session had ended before.
    pub(crate) fn note_sign_in(&self) {
        self.sign_ins.fetch_add(1, Ordering::AcqRel);
    }

    fn sign_ins(&self) -> SignIns {
        self.sign_ins.load(Ordering::Acquire)
    }

    /// Ends all of these that began until now.
    pub(crate) fn revoke(&self, all: &AllOf<'_>, now: FineTime) {
        let (ends, name) = match all {
            AllOf::User(user) => (&self.users, user.name()),
            AllOf::ProviderSession(sid) => (&self.provider_sessions, *sid),
            AllOf::Unlinked(user) => (&self.unlinked, user.name()),
        };
        let sign_ins = self.sign_ins();
        ends.update(self.names.key(name), |before: Option<End>| {
            let until = later_end(before.map(End::at), now);
            Some(End::new(until, sign_ins))
        });
        self.any.store(true, Ordering::Release);
    }

    /// Returns whether this session has ended.
    pub(crate) fn holds(&self, session: &RevocableBy<'_>) -> bool {
        self.ended_after(session).is_some()
    }

    /// Returns whether this session has ended here, and nobody has signed in since. Then its browser has got no cookie
    /// of another session here.
    pub(crate) fn is_last(&self, session: &RevocableBy<'_>) -> bool {
        self.ended_after(session) == Some(self.sign_ins())
    }

    /// Returns whether its browser has got another session in the place of this one.
    pub(crate) fn is_replaced(&self, id: SessionId) -> bool {
        self.sessions.get(&id.0) == Some(REPLACED)
    }

    fn ended_after(&self, session: &RevocableBy<'_>) -> Option<SignIns> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let began_until = |end: End| (session.began <= end.at()).then_some(end.after);
        let of_session = self.sessions.get(&session.id.0);
        let user = self.names.key(session.user.name());
        let of_user = self.users.get(&user).and_then(began_until);
        let of_provider = match session.provider_session {
            Some(sid) => self.provider_sessions.get(&self.names.key(sid)),
            None => self.unlinked.get(&user),
        };
        let of_provider = of_provider.and_then(began_until);
        [of_session, of_user, of_provider]
            .into_iter()
            .flatten()
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Subjects;

    fn session(id: u8, user: &'static str, began: UnixSeconds) -> RevocableBy<'static> {
        RevocableBy {
            id: SessionId([id; 16]),
            user: user_of(user),
            provider_session: None,
            began: FineTime::first_of(began),
        }
    }

    /// The end of a second, as it was told before it was told to the nanosecond.
    fn at(seconds: UnixSeconds) -> FineTime {
        FineTime::last_of(seconds)
    }

    fn user_of(sub: &str) -> Subject<&str> {
        Subjects::Plain.of(sub)
    }

    #[test]
    fn what_has_ended_stays_so_where_a_clock_is_set_back() {
        let revoked = Revocations::new(Duration::from_secs(60));
        revoked.revoke(&AllOf::User(user_of("u")), at(100));
        revoked.revoke(&AllOf::User(user_of("u")), at(90));
        assert!(revoked.holds(&session(1, "u", 95)));
        revoked.revoke(&AllOf::User(user_of("u")), at(110));
        assert!(revoked.holds(&session(1, "u", 105)));
        // An end of tomorrow is mended by the next one.
        revoked.revoke(&AllOf::User(user_of("u")), at(100_000));
        revoked.revoke(&AllOf::User(user_of("u")), at(120));
        assert!(!revoked.holds(&session(1, "u", 121)));
    }

    #[test]
    fn an_ended_session_is_known_and_others_are_not() {
        let revoked = Revocations::new(Duration::from_secs(60));
        assert!(!revoked.holds(&session(1, "u", 100)));
        revoked.revoke_session(SessionId([1; 16]));
        assert!(revoked.holds(&session(1, "u", 100)));
        assert!(!revoked.holds(&session(2, "u", 100)));
    }

    #[test]
    fn a_session_is_the_last_until_somebody_signs_in() {
        let revoked = Revocations::new(Duration::from_secs(60));
        let (one, other) = (session(1, "u", 100), session(2, "v", 100));
        assert!(!revoked.is_last(&one), "it has not ended");
        revoked.revoke_session(SessionId([1; 16]));
        revoked.revoke(&AllOf::User(user_of("v")), at(100));
        assert!(revoked.is_last(&one) && revoked.is_last(&other));
        revoked.note_sign_in();
        assert!(!revoked.is_last(&one) && !revoked.is_last(&other));
        // Nor does it become so by ending once more.
        revoked.revoke_session(SessionId([1; 16]));
        assert!(!revoked.is_last(&one));
    }

    #[test]
    fn a_session_that_was_replaced_stays_so() {
        let revoked = Revocations::new(Duration::from_secs(60));
        let one = session(1, "u", 100);
        revoked.revoke_session(SessionId([1; 16]));
        assert!(!revoked.is_replaced(SessionId([1; 16])));
        revoked.replace_session(SessionId([1; 16]));
        revoked.revoke_session(SessionId([1; 16]));
        assert!(revoked.is_replaced(SessionId([1; 16])) && !revoked.is_last(&one));
        assert!(revoked.holds(&one));
    }

    #[test]
    fn a_users_sessions_end_and_the_next_one_does_not() {
        let revoked = Revocations::new(Duration::from_secs(60));
        revoked.revoke(&AllOf::User(user_of("u")), at(100));
        assert!(revoked.holds(&session(1, "u", 100)));
        assert!(!revoked.holds(&session(1, "u", 101)));
        assert!(!revoked.holds(&session(1, "v", 50)));
    }

    #[test]
    fn within_a_second_what_began_before_an_end_is_over_and_what_begins_after_it_is_not() {
        let of = |nanos| RevocableBy {
            began: FineTime {
                seconds: 100,
                nanos,
            },
            provider_session: Some("s"),
            ..session(1, "u", 100)
        };
        let end = FineTime {
            seconds: 100,
            nanos: 500,
        };
        let by_user = Revocations::new(Duration::from_secs(60));
        by_user.revoke(&AllOf::User(user_of("u")), end);
        let by_sid = Revocations::new(Duration::from_secs(60));
        by_sid.revoke(&AllOf::ProviderSession("s"), end);
        for revoked in [by_user, by_sid] {
            assert!(!revoked.holds(&session(1, "v", 100)));
            assert!(revoked.holds(&of(0)) && revoked.holds(&of(499)) && revoked.holds(&of(500)));
            assert!(!revoked.holds(&of(501)));
        }
    }

    #[test]
    fn the_sessions_of_one_provider_session_end_and_others_do_not() {
        let revoked = Revocations::new(Duration::from_secs(60));
        revoked.revoke(&AllOf::ProviderSession("s"), at(100));
        let of = |sid, began| RevocableBy {
            provider_session: sid,
            ..session(1, "u", began)
        };
        assert!(revoked.holds(&of(Some("s"), 100)));
        assert!(!revoked.holds(&of(Some("s"), 101)));
        assert!(!revoked.holds(&of(Some("t"), 100)));
        assert!(!revoked.holds(&of(None, 100)));
    }

    #[test]
    fn of_a_user_those_end_that_name_no_provider_session() {
        let revoked = Revocations::new(Duration::from_secs(60));
        revoked.revoke(&AllOf::Unlinked(user_of("u")), at(100));
        let of = |sid, user, began| RevocableBy {
            provider_session: sid,
            ..session(1, user, began)
        };
        assert!(revoked.holds(&of(None, "u", 100)));
        assert!(!revoked.holds(&of(None, "u", 101)));
        assert!(!revoked.holds(&of(None, "v", 100)));
        assert!(!revoked.holds(&of(Some("s"), "u", 100)));
    }
}
