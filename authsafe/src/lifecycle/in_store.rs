//! Sessions in a store: read, renewed, written and ended there. The cookie holds a ticket.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use crate::clock::UnixSeconds;
use crate::error::{ProviderError, RefreshError};
use crate::log;
use crate::session::cookie::Found;
use crate::session::seal::Sealed;
use crate::session::ticket::{StoreEntry, Ticket, record_key};
use crate::session::{Identity, KeptTokens, Session, SessionId};
use crate::state::{Cluster, ELSEWHERE_LOOKS, ELSEWHERE_PAUSE, Standing, WriteQueue};
use crate::store::{AsSharedState, Prefixed, SessionStore, SharedState, StateError, Timeout};

use super::action::Write;
use super::context::Context;
use super::refresh_grant::RefreshGrant;
use super::sealed::{SealedSession, WriteError, next_state, of_same_organization};

/// How long the ticket from before a new key leads on to it. It leads to the same session, and ends
/// with it, so that there is time for a browser to which the answer with the new one was lost.
const FORWARD: Duration = Duration::from_secs(300);
/// How often a record is saved before it is given up: its refresh token is spent already.
const SAVES: u32 = 3;
/// How long between two of these.
const PAUSE: Duration = Duration::from_millis(200);

/// The store of an app's sessions.
pub(crate) struct InStore {
    records: Prefixed<dyn SessionStore>,
    /// What machines share, where the app says nothing else: they have the store.
    cluster: Cluster,
    /// Who writes, of this process.
    queue: WriteQueue,
    failures: AtomicU64,
}

impl InStore {
    pub(super) fn new(context: &Context, records: Arc<dyn SessionStore>) -> Self {
        let shared: Arc<dyn SharedState> = Arc::new(AsSharedState::new(Arc::clone(&records)));
        let records = Timeout::new(records);
        let shared = records.beside(shared);
        Self {
            records: Prefixed::new(&context.prefix, Arc::new(records)),
            cluster: context.cluster_over(shared),
            queue: WriteQueue::default(),
            failures: AtomicU64::new(0),
        }
    }

    pub(super) fn cluster<'s>(&'s self, context: &'s Context) -> &'s Cluster {
        context.cluster.get().unwrap_or(&self.cluster)
    }

    /// Returns how many calls have failed since the start.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed) + self.cluster.failures()
    }

    fn noted<T>(&self, result: Result<T, StateError>) -> Result<T, StateError> {
        result.inspect_err(|error| {
            let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
            log::error!(%error, failures, "the session store failed");
        })
    }

    /// The ticket that a cookie holds.
    pub(super) fn ticket(context: &Context, value: &Sealed) -> Option<Ticket> {
        Ticket::open(
            &context.keys,
            context.cookies.sealed_name(),
            value.as_bytes(),
        )
    }

    /// The session of a ticket, as it is now. `None`: it has ended, or the ticket is an old one.
    pub(super) async fn load(
        &self,
        context: &Context,
        ticket: Arc<Ticket>,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        let record = self.noted(self.records.load(&record_key(ticket.id)).await)?;
        let record = record.and_then(|record| String::from_utf8(record).ok());
        Ok(record.and_then(|record| {
            let (first, tokens, entry) = StoreEntry::open(&context.keys, ticket, &record, now)?;
            Session::decode_stored(first, tokens, entry)
        }))
    }

    /// A session as it is now. `None`: another machine has ended it.
    pub(super) async fn judge(
        &self,
        context: &Context,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<(Session, Standing)>, StateError> {
        let revocable = context.revocable_by(&session);
        // A store has no state of a session but the newest.
        let standing = self
            .cluster(context)
            .standing(&revocable, None, now)
            .await?;
        Ok((standing != Standing::Over).then_some((session, Standing::Current)))
    }

    /// Seals a new session, under a key of its own.
    pub(super) fn seal(
        context: &Context,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        let entry = StoreEntry::new(identity.id)?;
        let (tokens, now) = (context.kept(tokens), context.clock.now());
        SealedSession::for_store(&context.keys, entry, identity, tokens, now)
    }

    /// Seals the next state of a session. It gets a new key when what the user may do changes.
    pub(super) fn seal_next(
        context: &Context,
        before: &Session,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        let (keys, now) = (&context.keys, context.clock.now());
        let entry = before.stored().ok_or(WriteError::Internal)?;
        let entry = match identity.grants_the_same_as(&before.identity()) {
            true => entry.clone(),
            false => entry.rekeyed(keys, now + FORWARD.as_secs())?,
        };
        let tokens = context.kept(tokens);
        SealedSession::for_store(keys, entry, identity, tokens, now)
    }

    /// Writes a new session.
    pub(super) async fn create(
        &self,
        context: &Context,
        sealed: &SealedSession,
    ) -> Result<(), StateError> {
        let (key, ttl) = place(context, sealed);
        let record = sealed.value().as_bytes();
        match self.noted(self.records.create(&key, record, ttl).await)? {
            true => Ok(()),
            // Ids are random: whoever writes there has not got it from us.
            false => Err(StateError::new("there is a record under a new id")),
        }
    }

    /// Writes the next state of a session. `false`: it has ended.
    async fn save(&self, context: &Context, sealed: &SealedSession) -> Result<bool, StateError> {
        let (key, ttl) = place(context, sealed);
        let record = sealed.value().as_bytes();
        self.noted(self.records.save(&key, record, ttl).await)
    }

    /// Deletes a session's record.
    pub(super) async fn delete(&self, id: SessionId) -> Result<(), StateError> {
        self.noted(self.records.delete(&record_key(id)).await)
    }

    /// The cookies that hold a session's ticket. None where the request came with it, and with no other,
    /// sealed as it would be now.
    pub(super) fn cookies(
        context: &Context,
        session: &Session,
        request: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, WriteError> {
        let ticket = &session.stored().ok_or(WriteError::Internal)?.ticket;
        if let Found::One(sealed) = context.cookies.session(request)
            && Self::ticket(context, &sealed).is_some_and(|it| it.is(ticket))
            && context.keys.is_under_first(sealed.as_bytes())
            && context.clear_session_from_before(request).is_empty()
        {
            return Ok(Vec::new());
        }
        let value = ticket.seal(&context.keys, context.cookies.sealed_name())?;
        // The end is in the record, and may move; the cookie does not have to.
        let end = session.began_at() + context.spec.max_age.as_secs();
        let left = Duration::from_secs(end.saturating_sub(context.clock.now()));
        context
            .set_session(request, &value, left)
            .map_err(Into::into)
    }

    /// New tokens for a session: under its lock, on top of its newest state. Whoever waits for the lock
    /// finds them there.
    pub(super) async fn renew<G: RefreshGrant>(
        &self,
        context: &Context,
        session: &Session,
        grant: &G,
        ready: &G::Ready,
    ) -> Result<SealedSession, RefreshError> {
        let Some(_permit) = self.queue.enter(session.id(), true).await else {
            return Err(ProviderError::Unavailable.into());
        };
        let renewal = self.renew_alone(context, session, grant, ready);
        let cluster = self.cluster(context);
        let renewed = cluster.exclusively(session.id(), true, renewal).await;
        renewed.unwrap_or(Err(ProviderError::Unavailable.into()))
    }

    async fn renew_alone<G: RefreshGrant>(
        &self,
        context: &Context,
        session: &Session,
        grant: &G,
        ready: &G::Ready,
    ) -> Result<SealedSession, RefreshError> {
        let ticket = ticket_of(session).ok_or(RefreshError::NoSession)?;
        let newest = self.load(context, ticket, context.clock.now()).await;
        let newest = newest.map_err(|_| RefreshError::StateUnavailable)?;
        let newest = newest.ok_or(RefreshError::SessionEnded)?;
        if newest.renewals() != session.renewals() {
            return Ok(SealedSession::in_store(newest));
        }
        // New tokens that could not be saved a moment ago are not fetched again.
        let unsaved = context.latest.get(session.id());
        let sealed = match unsaved.filter(|it| it.session.is_newer_than(&newest)) {
            Some(unsaved) => (*unsaved).clone(),
            None => {
                let tokens = newest.kept_tokens().ok_or(RefreshError::NoSession)?;
                match grant.exchange(ready, &newest, tokens).await {
                    Err(RefreshError::SessionEnded) => {
                        let renewed = self.renewed_elsewhere(context, &newest).await;
                        let renewed = renewed.map(SealedSession::in_store);
                        return renewed.ok_or(RefreshError::SessionEnded);
                    }
                    exchanged => exchanged?,
                }
            }
        };
        let saved = match context.is_alive(&sealed.session, context.clock.now()) {
            true => self.save_renewed(context, &sealed).await?,
            // The provider says that it is over.
            false => false,
        };
        if !saved {
            // Its new refresh token ends with it.
            grant.revoke(&sealed.session);
            return Err(RefreshError::SessionEnded);
        }
        Ok(sealed)
    }

    /// Saves what has cost a refresh token, if it has to be tried again too. `false`: the session has ended.
    async fn save_renewed(
        &self,
        context: &Context,
        sealed: &SealedSession,
    ) -> Result<bool, RefreshError> {
        for save in 1..=SAVES {
            match self.save(context, sealed).await {
                Ok(saved) => return Ok(saved),
                Err(_) if save < SAVES => tokio::time::sleep(PAUSE).await,
                Err(_) => {}
            }
        }
        context.remember(&Arc::new(sealed.clone()));
        Err(RefreshError::StateUnavailable)
    }

    /// The session as another machine has renewed it, which was faster with the refresh token:
    /// locks may fail. It may still be writing.
    async fn renewed_elsewhere(&self, context: &Context, spent: &Session) -> Option<Session> {
        let ticket = ticket_of(spent)?;
        for look in 1..=ELSEWHERE_LOOKS {
            let now = context.clock.now();
            if let Ok(newest) = self.load(context, Arc::clone(&ticket), now).await {
                let newest = newest?;
                if newest.renewals() != spent.renewals() {
                    return Some(newest);
                }
            }
            if look < ELSEWHERE_LOOKS {
                tokio::time::sleep(ELSEWHERE_PAUSE).await;
            }
        }
        None
    }

    /// Saves what a request has changed, on top of the newest state of the session, and returns its
    /// cookies.
    pub(super) async fn write(&self, context: &Context, write: Write<'_>) -> Vec<HeaderValue> {
        if !context.is_alive(write.session, context.clock.now()) {
            return Vec::new();
        }
        match self.save_written(context, &write).await {
            // What cannot be sealed has said so; the old cookie stays.
            Ok(Some(session)) => {
                Self::cookies(context, &session, write.request).unwrap_or_default()
            }
            // It has ended meanwhile. The browser may have a newer ticket by now, which a late
            // answer must not take; the one that it came with opens nothing.
            Ok(None) => Vec::new(),
            Err(_) => {
                if !write.changes.is_empty() {
                    log::error!("a session's data was not kept: the session store failed");
                }
                Vec::new()
            }
        }
    }

    /// `None`: the session has ended.
    async fn save_written(
        &self,
        context: &Context,
        write: &Write<'_>,
    ) -> Result<Option<Session>, StateError> {
        let (session, is_note) = (write.session, write.changes.is_empty());
        if is_note && context.is_fresh(session, write.activity, context.clock.now()) {
            return Ok(Some(session.clone()));
        }
        let written = match self.queue.enter(session.id(), !is_note).await {
            Some(_permit) => {
                let saved = self.save_alone(context, write);
                let cluster = self.cluster(context);
                cluster.exclusively(session.id(), !is_note, saved).await
            }
            None => None,
        };
        match written {
            Some(written) => written,
            // Somebody else writes it now, and notes its use with that.
            None if is_note => Ok(Some(session.clone())),
            None => Err(StateError::new("others have been writing for too long")),
        }
    }

    async fn save_alone(
        &self,
        context: &Context,
        write: &Write<'_>,
    ) -> Result<Option<Session>, StateError> {
        let (activity, now) = (write.activity, context.clock.now());
        let Some(ticket) = ticket_of(write.session) else {
            return Ok(None);
        };
        let Some(newest) = self.load(context, ticket, now).await? else {
            return Ok(None);
        };
        if write.changes.is_empty() && context.is_fresh(&newest, activity, now) {
            return Ok(Some(newest));
        }
        let Some(tokens) = newest.kept_tokens() else {
            return Ok(Some(newest));
        };
        let changes = of_same_organization(write.changes.clone(), write.session, &newest);
        let identity = next_state(&newest, activity, changes, now);
        match Self::seal_next(context, &newest, identity, tokens) {
            Ok(sealed) => {
                let is_saved = self.save(context, &sealed).await?;
                Ok(is_saved.then_some(sealed.session))
            }
            Err(error) => {
                log::error!(%error, "the session's data was not kept");
                Ok(Some(newest))
            }
        }
    }
}

/// Returns where a session lies, and for how long.
fn place(context: &Context, sealed: &SealedSession) -> (String, Duration) {
    let session = &sealed.session;
    let left = session.expires_at().saturating_sub(context.clock.now());
    (record_key(session.id()), Duration::from_secs(left))
}

fn ticket_of(session: &Session) -> Option<Arc<Ticket>> {
    Some(Arc::clone(&session.stored()?.ticket))
}
