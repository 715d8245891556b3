//! Where an app's sessions lie: in cookies, or in a store. This is the one place that asks.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use crate::clock::UnixSeconds;
use crate::error::RefreshError;
use crate::log;
use crate::session::seal::Sealed;
use crate::session::{Identity, KeptTokens, Session, SessionId};
use crate::state::{Cluster, LATEST_FOR, Standing};
use crate::store::{SessionStore, StateError};

use super::action::Write;
use super::context::Context;
use super::in_cookies::InCookies;
use super::in_store::InStore;
use super::refresh_grant::RefreshGrant;
use super::sealed::{SealedSession, WriteError};

pub(crate) enum Home {
    Cookies(InCookies),
    Store(InStore),
}

impl Home {
    pub(super) fn cookies(context: &Context) -> Self {
        Self::Cookies(InCookies::new(context.spec.max_age))
    }

    pub(super) fn store(context: &Context, records: Arc<dyn SessionStore>) -> Self {
        Self::Store(InStore::new(context, records))
    }

    /// Returns what machines share: by the app's own word, or else by the store.
    pub(super) fn cluster<'s>(&'s self, context: &'s Context) -> Option<&'s Cluster> {
        match self {
            Self::Cookies(_) => context.cluster.get(),
            Self::Store(store) => Some(store.cluster(context)),
        }
    }

    /// Returns how many calls of a store have failed since the start.
    pub(super) fn failures(&self) -> u64 {
        match self {
            Self::Cookies(_) => 0,
            Self::Store(store) => store.failures(),
        }
    }

    /// Returns whether nobody is let in while it cannot be known what other machines say.
    pub(super) fn must_know(&self, context: &Context) -> bool {
        context.fail_closed || matches!(self, Self::Store(_))
    }

    /// Returns whether a session may be ended here before the other machines are told. Where they cannot
    /// be told, and the app wants them to be, nothing happens: then a cookie goes on everywhere. A record
    /// is deleted in any case.
    pub(super) fn ends_here_first(&self, context: &Context) -> bool {
        !context.fail_closed || matches!(self, Self::Store(_))
    }

    /// Returns whether a session that ended here has ended, though not everybody could be told. A record
    /// that could not be deleted may be read by other machines.
    pub(super) fn may_end_untold(&self) -> bool {
        matches!(self, Self::Cookies(_))
    }

    /// The session of a cookie's value, where that is known without a call to anywhere.
    #[inline]
    pub(super) fn open(&self, context: &Context, value: Sealed) -> Result<Option<Session>, Sealed> {
        match self {
            Self::Cookies(_) => Ok(or_say(context, InCookies::open(context, value))),
            Self::Store(_) => Err(value),
        }
    }

    /// The session of a cookie's value that holds it. Of one that does not open nothing is said: whoever asks
    /// again says it.
    pub(super) fn open_at_once(&self, context: &Context, value: Sealed) -> Option<Session> {
        match self {
            Self::Cookies(_) => InCookies::open(context, value),
            Self::Store(_) => None,
        }
    }

    /// The session of a cookie's value.
    pub(super) async fn load(
        &self,
        context: &Context,
        value: Sealed,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        match self {
            Self::Cookies(_) => Ok(or_say(context, InCookies::open(context, value))),
            Self::Store(store) => match or_say(context, InStore::ticket(context, &value)) {
                Some(ticket) => store.load(context, Arc::new(ticket), now).await,
                None => Ok(None),
            },
        }
    }

    /// The id of the session of a cookie's value, also of one that is over.
    pub(super) fn id(&self, context: &Context, value: Sealed) -> Option<SessionId> {
        match self {
            Self::Cookies(_) => InCookies::open(context, value).map(|it| it.id()),
            Self::Store(_) => InStore::ticket(context, &value).map(|it| it.id),
        }
    }

    /// Seals a new session.
    pub(super) fn seal(
        &self,
        context: &Context,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        match self {
            Self::Cookies(_) => InCookies::seal(context, identity, tokens),
            Self::Store(_) => InStore::seal(context, identity, tokens),
        }
    }

    /// Seals what a refresh has brought.
    pub(super) async fn seal_renewed(
        &self,
        context: &Arc<Context>,
        before: &Session,
        mut identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        let before_it = before.identity();
        if identity.is_of_another_organization(&before_it) {
            // What the app keeps of the user is of the one before, and so are the roles that it gave.
            identity.data = Default::default();
            if before_it.last_organization().is_some() {
                identity.added_roles.clear();
            }
        }
        identity.left_organization = match identity.organization_id {
            None => before_it.last_organization().map(str::to_owned),
            Some(_) => None,
        };
        match self {
            Self::Cookies(home) => home.seal_renewed(context, before, identity, tokens).await,
            Self::Store(_) => InStore::seal_next(context, before, identity, tokens),
        }
    }

    /// Writes a new session to where it is read, and returns the cookies of its browser.
    pub(super) async fn create(
        &self,
        context: &Context,
        sealed: &SealedSession,
        request: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, WriteError> {
        match self {
            Self::Cookies(_) => InCookies::cookies(context, sealed, request),
            Self::Store(store) => {
                let created = store.create(context, sealed).await;
                created.map_err(|_| WriteError::Store)?;
                InStore::cookies(context, &sealed.session, request)
            }
        }
    }

    /// Returns whether a session is known and written without a call to anywhere: it lies in a cookie, and machines
    /// share nothing.
    pub(super) fn asks_nobody(&self, context: &Context) -> bool {
        matches!(self, Self::Cookies(_)) && context.cluster.get().is_none()
    }

    /// Returns whether a session is known to be as it came, without a call to anywhere.
    #[inline]
    pub(super) fn is_known_current(
        &self,
        context: &Context,
        session: &Session,
        now: UnixSeconds,
    ) -> bool {
        match self {
            Self::Cookies(home) => {
                self.asks_nobody(context) && home.standing(session, now) == Standing::Current
            }
            Self::Store(_) => false,
        }
    }

    /// A session as it is now, on all machines. [`Standing::Late`]: it is refused in a moment. `None`: it
    /// has ended. `Err`: it cannot be known, and nobody is let in meanwhile.
    pub(super) async fn judge(
        &self,
        context: &Context,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<(Session, Standing)>, StateError> {
        match self {
            Self::Cookies(home) => home.judge(context, session, now).await,
            Self::Store(store) => store.judge(context, session, now).await,
        }
    }

    /// New tokens for a session, by one exchange among all machines.
    pub(super) async fn renew<G: RefreshGrant>(
        &self,
        context: &Context,
        session: &Session,
        grant: &G,
        ready: &G::Ready,
    ) -> Result<SealedSession, RefreshError> {
        match self {
            Self::Cookies(_) => InCookies::renew(context, session, grant, ready).await,
            Self::Store(store) => store.renew(context, session, grant, ready).await,
        }
    }

    /// Returns what the refresh of this very session has brought within the last two minutes, while that is
    /// good: its own refresh token is spent. A store is asked for it anyway.
    pub(super) fn renewed_before(
        &self,
        context: &Context,
        session: &Session,
    ) -> Option<Arc<SealedSession>> {
        let Self::Cookies(_) = self else {
            return None;
        };
        let (now, next) = (context.clock.now(), session.renewals().wrapping_add(1));
        // What is written since is remembered anew, and is no younger than its tokens.
        context.latest.get(session.id()).filter(|it| {
            it.session.renewals() == next
                && it.is_usable(now)
                && now.saturating_sub(it.session.issued_at()) <= LATEST_FOR.as_secs()
        })
    }

    /// Remembers a renewed session, where nobody else does.
    pub(super) fn remember(&self, context: &Context, sealed: &Arc<SealedSession>) {
        match self {
            Self::Cookies(_) => context.remember(sealed),
            Self::Store(_) => {}
        }
    }

    /// Writes what a request has changed, and returns the cookies of its answer. `Err` hands it back: a
    /// store or other machines have to be asked first, with [`write`](Self::write).
    pub(super) fn write_now<'w>(
        &self,
        context: &Context,
        write: Write<'w>,
    ) -> Result<Vec<HeaderValue>, Write<'w>> {
        match self {
            Self::Cookies(home) if self.asks_nobody(context) => Ok(home.write(context, write)),
            _ => Err(write),
        }
    }

    /// Writes what a request has changed, and returns the cookies of its answer.
    pub(super) async fn write(&self, context: &Context, write: Write<'_>) -> Vec<HeaderValue> {
        match self {
            Self::Cookies(home) => home.write_judged(context, write).await,
            Self::Store(store) => store.write(context, write).await,
        }
    }

    /// Deletes a session's record, when the others have been told or have not.
    pub(super) async fn delete(
        &self,
        context: &Context,
        id: SessionId,
        told: Result<(), StateError>,
    ) -> Result<(), StateError> {
        match self {
            Self::Cookies(_) => told,
            Self::Store(store) => {
                let deleted = store.delete(id).await;
                match context.fail_closed {
                    true => told.and(deleted),
                    false => deleted,
                }
            }
        }
    }
}

/// Hands on what a cookie held, or says that it did not open.
#[inline]
fn or_say<T>(context: &Context, opened: Option<T>) -> Option<T> {
    if opened.is_none() {
        say_unopened(context);
    }
    opened
}

#[cold]
fn say_unopened(context: &Context) {
    log::warn!(
        cookie = context.cookies.session_name(),
        "a session cookie does not open, so it counts for nobody: it was sealed with another cookie \
         secret (do all replicas of the app have the same one, and the one before it while it changes?), \
         or another app on this host sets cookies of this name: `cookies(name = \"...\")`"
    );
}
