//! What every part of a session's life knows: keys, cookies, the time, and which sessions have ended.

use core::time::Duration;
use std::sync::{Arc, Once, OnceLock};

use http::header::{HeaderMap, HeaderValue};

use crate::clock::{Clock, UnixSeconds};
use crate::log;
use crate::session::cookie::Cookies;
use crate::session::seal::{Keys, Purpose, Sealed};
use crate::session::{KeptTokens, Session, TooLarge};
use crate::spec::SessionSpec;
use crate::state::{Cluster, LatestStates, RevocableBy, Revocations};
use crate::store::{SharedState, Timeout};
use crate::types::Subjects;

use super::action::Activity;
use super::sealed::SealedSession;

/// How many bytes of cookies are worth a line: some proxies take 4 KB of an answer's headers.
const LONG: usize = 3584;

pub(crate) struct Context {
    pub(crate) spec: SessionSpec,
    pub(crate) cookies: Cookies,
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Clock,
    /// How the provider spells its users.
    pub(crate) subjects: Subjects,
    /// How long it is remembered who was signed out: no session and no bearer token lasts longer.
    pub(crate) memory: Duration,
    /// Nobody is let in while the shared state does not answer.
    pub(crate) fail_closed: bool,
    /// What each key in a store or shared state begins with.
    pub(crate) prefix: String,
    /// What the app shares between machines by its own word.
    pub(crate) cluster: OnceLock<Cluster>,
    pub(crate) latest: LatestStates<SealedSession>,
    pub(crate) revocations: Revocations,
    pub(crate) said_long: Once,
}

impl Context {
    /// The cluster that shares `state`.
    pub(super) fn cluster_over(&self, state: Timeout<dyn SharedState>) -> Cluster {
        Cluster::new(&self.prefix, Arc::clone(&self.keys), &self.clock, state)
    }

    /// `Set-Cookie` for a session in the place of every other one that the request held.
    pub(super) fn set_session(
        &self,
        request: &HeaderMap,
        value: &str,
        max_age: Duration,
    ) -> Result<Vec<HeaderValue>, TooLarge> {
        let mut cookies = self.cookies.set_session(request, value, max_age)?;
        let bytes: usize = cookies.iter().map(HeaderValue::len).sum();
        if bytes > LONG {
            self.said_long.call_once(|| say_long(bytes));
        }
        cookies.extend(self.clear_session_from_before(request));
        Ok(cookies)
    }

    /// `Set-Cookie` for the removal of every form of the session that the request held.
    pub(super) fn clear_session(&self, request: &HeaderMap) -> Vec<HeaderValue> {
        let mut cookies = self.cookies.clear_session(request);
        cookies.extend(self.clear_session_from_before(request));
        cookies
    }

    /// `Set-Cookie` for the removal of a session that the version before has set.
    pub(super) fn clear_session_from_before(&self, request: &HeaderMap) -> Vec<HeaderValue> {
        let opens = |value: &Sealed| {
            let name = self.cookies.sealed_name();
            let opens = |purpose| self.keys.open_first(purpose, name, value.as_bytes());
            opens(Purpose::Session).is_some() || opens(Purpose::Ticket).is_some()
        };
        self.cookies.clear_session_from_before(request, opens)
    }

    /// Returns whether a session has neither run out nor been ended here. When it ends is inside the
    /// seal; what the cookie says of itself is not asked.
    #[inline]
    pub(super) fn is_alive(&self, session: &Session, now: UnixSeconds) -> bool {
        let idle = self.spec.idle.map_or(u64::MAX, |idle| idle.as_secs());
        now < session.expires_at()
            && now.saturating_sub(session.active_at()) < idle
            && !self.is_revoked(session)
    }

    /// Returns whether it was ended here, before its time.
    #[inline]
    pub(super) fn is_revoked(&self, session: &Session) -> bool {
        self.revocations.holds(&self.revocable_by(session))
    }

    /// Returns whether it has ended here, and nobody has signed in here since.
    pub(super) fn is_last(&self, session: &Session) -> bool {
        self.revocations.is_last(&self.revocable_by(session))
    }

    /// Returns whether a newer state of it was written here a moment ago.
    pub(super) fn has_newer(&self, session: &Session) -> bool {
        let latest = self.latest.get(session.id());
        latest.is_some_and(|latest| latest.session.is_newer_than(session))
    }

    /// Remembers a state of a session for those who write after it, unless there is a newer one.
    pub(super) fn remember(&self, sealed: &Arc<SealedSession>) {
        let session = &sealed.session;
        self.latest.update(session.id(), |latest| match latest {
            Some(latest) if latest.session.is_newer_than(session) => None,
            _ => Some(Arc::clone(sealed)),
        });
    }

    /// Returns whether the use that a session notes is recent enough for a request of this activity.
    /// Not each answer carries a cookie: a tenth of the time may pass.
    #[inline]
    pub(super) fn is_fresh(&self, session: &Session, activity: Activity, now: UnixSeconds) -> bool {
        let since = now.saturating_sub(session.active_at());
        let is_recent = |idle: Duration| since <= idle.as_secs() / 10;
        activity == Activity::Polling || self.spec.idle.is_none_or(is_recent)
    }

    /// Leaves out the tokens that the attribute has sessions not keep.
    pub(super) fn kept(&self, tokens: KeptTokens) -> KeptTokens {
        let keep = self.spec.keep;
        KeptTokens {
            access: tokens.access.filter(|_| keep.access_token),
            id: tokens.id.filter(|_| keep.id_token),
            ..tokens
        }
    }

    #[inline]
    pub(super) fn revocable_by<'s>(&self, session: &'s Session) -> RevocableBy<'s> {
        RevocableBy {
            id: session.id(),
            user: self.subjects.of(session.user().id()),
            provider_session: session.provider_session(),
            began: session.began(),
        }
    }
}

/// Names what stands in the way behind proxies as they are installed.
fn say_long(bytes: usize) {
    log::warn!(
        bytes,
        "a session's cookies are longer than 3.5 KB, which proxies may refuse. nginx: `proxy_buffer_size \
         16k;` and `proxy_buffers 8 16k;` for answers (else 502), `large_client_header_buffers 4 32k;` for \
         requests (else 400). Apache: `LimitRequestFieldSize 32768`. Or keep fewer tokens in sessions: \
         `session(keep(id_token = false, access_token = false))`; or sessions in a store: \
         `session(store = \"redis\")`"
    );
}
