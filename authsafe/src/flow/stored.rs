//! Sessions in a store: read, written, and ended there.

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use super::across::{Across, FASTER_LOOKS, FASTER_PAUSE};
use super::app::App;
use super::in_time::InTime;
use super::keep::{Answer, Use};
use super::of_app::OfApp;
use super::renew::exchange;
use super::shared_store::SharedStore;
use super::write::{Written, reseal, write_back};
use crate::clock::UnixSeconds;
use crate::error::{ProviderError, RefreshError};
use crate::log;
use crate::protocol::discovery::Metadata;
use crate::session::cookie::{Found, Sealed};
use crate::session::ticket::{Stored, Ticket, record_key};
use crate::session::{DataChange, Session};
use crate::state::{Standing, Turns};
use crate::store::{SessionStore, StateError};

/// How often a record is saved before it is given up: its refresh token is spent already.
const SAVES: u32 = 3;
/// How long between two of these.
const PAUSE: Duration = Duration::from_millis(200);

/// Where an app keeps its sessions.
#[derive(Debug)]
pub(crate) struct Store {
    records: OfApp<dyn SessionStore>,
    /// What machines share, where the app says nothing else: they have the store.
    pub(super) across: Across,
    /// Who writes, of this process.
    turns: Turns,
    failures: AtomicU64,
}

impl Store {
    pub(crate) fn new(app: &App, records: Arc<dyn SessionStore>) -> Self {
        let in_time: Arc<dyn SessionStore> = Arc::new(InTime::new(records));
        let shared = Arc::new(SharedStore(Arc::clone(&in_time)));
        Self {
            records: OfApp::new(&app.config, in_time),
            across: Across::new(&app.config, &app.clock, shared),
            turns: Turns::default(),
            failures: AtomicU64::new(0),
        }
    }

    /// How many calls have failed since the start.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed) + self.across.failures()
    }

    fn noted<T>(&self, result: Result<T, StateError>) -> Result<T, StateError> {
        result.inspect_err(|error| {
            let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
            log::error!(%error, failures, "the session store failed");
        })
    }

    /// The session of a ticket, as it is now. `None`: it has ended, or the ticket is an old one.
    pub(super) async fn load(
        &self,
        app: &App,
        ticket: Arc<Ticket>,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        let record = self.noted(self.records.load(&record_key(ticket.id)).await)?;
        let record = record.and_then(|record| String::from_utf8(record).ok());
        let read = |record: String| Stored::read(&app.config.keys, ticket, &record, now);
        Ok(record.and_then(read))
    }

    /// Writes a new session.
    async fn create(&self, app: &App, written: &Written) -> Result<bool, StateError> {
        let (key, ttl) = place(app, written);
        let record = written.value().as_bytes();
        self.noted(self.records.create(&key, record, ttl).await)
    }

    /// Writes the next state of a session, unless it has ended. Has it not?
    async fn save(&self, app: &App, written: &Written) -> Result<bool, StateError> {
        let (key, ttl) = place(app, written);
        let record = written.value().as_bytes();
        self.noted(self.records.save(&key, record, ttl).await)
    }

    /// The session as another machine has renewed it, which was faster with the refresh token:
    /// locks may fail. It may still be writing.
    async fn renewed_elsewhere(&self, app: &App, spent: &Session) -> Option<Session> {
        let ticket = ticket_of(spent)?;
        for look in 1..=FASTER_LOOKS {
            let now = app.clock.now();
            if let Ok(newest) = self.load(app, Arc::clone(&ticket), now).await {
                let newest = newest?;
                if newest.renewals() != spent.renewals() {
                    return Some(newest);
                }
            }
            if look < FASTER_LOOKS {
                tokio::time::sleep(FASTER_PAUSE).await;
            }
        }
        None
    }

    /// Ends a session.
    pub(super) async fn delete(&self, id: [u8; 16]) -> Result<(), StateError> {
        self.noted(self.records.delete(&record_key(id)).await)
    }
}

/// Where a session lies, and for how long.
fn place(app: &App, written: &Written) -> (String, Duration) {
    let session = &written.session;
    let left = session.expires_at().saturating_sub(app.clock.now());
    (record_key(session.id().0), Duration::from_secs(left))
}

impl App {
    /// The tickets in a request's cookies.
    pub(super) fn tickets(&self, request: &HeaderMap) -> Vec<Ticket> {
        let values = match self.config.cookies.session(request) {
            Found::Nothing | Found::TooMany => Vec::new(),
            Found::One(value) => vec![value],
            Found::Several(values) => values,
        };
        let read = |value: &Sealed| self.read_ticket(value.as_bytes());
        values.iter().filter_map(read).collect()
    }

    pub(super) fn read_ticket(&self, value: &[u8]) -> Option<Ticket> {
        let name = self.config.cookies.session_name();
        Ticket::open(&self.config.keys, name, value)
    }

    /// Returns whether the use that a session notes is recent enough, now that it is used so.
    pub(super) fn is_fresh(&self, session: &Session, used: Use) -> bool {
        let idle = self.spec.session.idle;
        let since = self.clock.now().saturating_sub(session.active_at());
        used == Use::InPassing || idle.is_none_or(|idle| since <= idle.as_secs() / 10)
    }

    /// Returns whether a request comes with the ticket of this session and no other, sealed as it would be now.
    pub(super) fn holds(&self, request: &HeaderMap, stored: &Stored) -> bool {
        let Found::One(sealed) = self.config.cookies.session(request) else {
            return false;
        };
        let ticket = self.read_ticket(sealed.as_bytes());
        ticket.is_some_and(|ticket| ticket.is(&stored.ticket))
            && self.config.keys.is_under_first(sealed.as_bytes())
    }

    /// Keeps a new session, where sessions are kept in a store.
    pub(super) async fn keep_new(&self, written: &Written) -> Result<(), StateError> {
        let Some(store) = &self.store else {
            return Ok(());
        };
        match store.create(self, written).await? {
            true => Ok(()),
            // Ids are random: whoever writes there has not got it from us.
            false => Err(StateError::new("there is a record under a new id")),
        }
    }
}

/// New tokens for a session in a store: under the session's lock, on top of its newest state.
/// Whoever waits for the lock finds them there.
pub(super) async fn renew_stored(
    app: &Arc<App>,
    store: &Store,
    session: &Session,
    metadata: &Metadata,
) -> Result<Written, RefreshError> {
    let renew = async {
        let ticket = ticket_of(session).ok_or(RefreshError::NoSession)?;
        let newest = store.load(app, ticket, app.clock.now()).await;
        let newest = newest.map_err(|_| RefreshError::StateUnavailable)?;
        let newest = newest.ok_or(RefreshError::SessionEnded)?;
        if newest.renewals() != session.renewals() {
            return Ok(Written::kept(newest));
        }
        // New tokens that could not be saved a moment ago are not fetched again.
        let unsaved = app.newest.get(session.id().0);
        let written = match unsaved.filter(|it| it.session.is_newer_than(&newest)) {
            Some(unsaved) => (*unsaved).clone(),
            None => {
                let tokens = newest.tokens().ok_or(RefreshError::NoSession)?;
                match exchange(app, metadata, &newest, tokens).await {
                    Err(RefreshError::SessionEnded) => {
                        let renewed = store.renewed_elsewhere(app, &newest).await;
                        return renewed.map(Written::kept).ok_or(RefreshError::SessionEnded);
                    }
                    exchanged => exchanged?,
                }
            }
        };
        if !app.is_alive(&written.session) {
            // The provider says that it is over.
            let tokens = written.session.tokens();
            app.revoke_in_background(tokens.and_then(|tokens| tokens.refresh));
            return Err(RefreshError::SessionEnded);
        }
        for save in 1..=SAVES {
            match store.save(app, &written).await {
                Ok(true) => return Ok(written),
                Ok(false) => {
                    // The session has ended meanwhile, and its new refresh token ends with it.
                    let tokens = written.session.tokens();
                    app.revoke_in_background(tokens.and_then(|tokens| tokens.refresh));
                    return Err(RefreshError::SessionEnded);
                }
                Err(_) if save < SAVES => tokio::time::sleep(PAUSE).await,
                Err(_) => Arc::new(written.clone()).remember(app),
            }
        }
        Err(RefreshError::StateUnavailable)
    };
    let Some(_turn) = store.turns.take(session.id().0, true).await else {
        return Err(ProviderError::Unavailable.into());
    };
    let across = app.across().unwrap_or(&store.across);
    let renewed = across.alone(session.id(), true, renew).await;
    renewed.unwrap_or(Err(ProviderError::Unavailable.into()))
}

fn ticket_of(session: &Session) -> Option<Arc<Ticket>> {
    Some(Arc::clone(&session.stored()?.ticket))
}

/// What an answer has to say of the session, where that is not known without asking: it is on its way
/// into the store, or other machines may know better.
pub(crate) struct Saving {
    pub(crate) app: Arc<App>,
    pub(crate) answer: Answer,
    pub(crate) changes: Vec<DataChange>,
    pub(crate) request: HeaderMap,
}

impl Saving {
    /// Saves what has changed, on top of the newest state of the session; tells what the answer has
    /// to say in cookies.
    pub(crate) async fn save(self) -> Vec<HeaderValue> {
        // A task of its own: a browser that goes away must not take the save with it, nor leave the
        // session locked.
        tokio::spawn(self.write()).await.unwrap_or_default()
    }

    async fn write(self) -> Vec<HeaderValue> {
        let (app, mut cookies) = (&self.app, Vec::new());
        match (&self.answer, &app.store) {
            (Answer::Leave, _) => {}
            (Answer::Clear(session), _) => {
                if app.may_remove(session).await {
                    cookies.extend(app.config.cookies.clear_session(&self.request));
                }
            }
            (Answer::Write(session, used), Some(store)) => {
                self.save_to(store, session, *used, &mut cookies).await;
            }
            (Answer::Write(session, used), None) => {
                self.set_on(session, *used, &mut cookies).await;
            }
        }
        cookies
    }

    async fn save_to(
        &self,
        store: &Store,
        session: &Session,
        used: Use,
        cookies: &mut Vec<HeaderValue>,
    ) {
        let app = &self.app;
        let saved = match app.is_alive(session) {
            true => self.save_in(store, session, used).await,
            false => Ok(None),
        };
        match saved {
            Ok(Some(session)) => {
                // What cannot be sealed has said so; the old cookie stays.
                let _ = Written::kept(session).set(app, &self.request, cookies);
            }
            // It has ended meanwhile. The browser may have a newer ticket by now, which a late
            // answer must not take; the one that it came with opens nothing.
            Ok(None) => {}
            Err(_) if !self.changes.is_empty() => {
                log::error!("a session's data was not kept: the session store failed");
            }
            Err(_) => {}
        }
    }

    /// A session in a cookie that other machines may have ended meanwhile, or taken something from: it
    /// must not take the place of what the browser has got of them.
    async fn set_on(&self, session: &Session, used: Use, cookies: &mut Vec<HeaderValue>) {
        let app = &self.app;
        let newest = app.newest.get(session.id().0);
        let newest = newest.filter(|newest| newest.session.is_newer_than(session));
        let newest = newest.map_or_else(|| session.clone(), |newest| newest.session.clone());
        let changes = self.changes.clone();
        match app.judged(newest, app.clock.now()).await {
            Ok(Some((current, Standing::Current))) => {
                write_back(app, &current, used, changes, &self.request, cookies);
            }
            // What is built on this would be refused in a moment, and may come to the browser after
            // the cookie of the newer state, which lands now.
            Ok(Some(_)) => {
                if !changes.is_empty() {
                    log::error!("a session's data was not kept: its request took too long");
                }
            }
            Ok(None) => {
                if !changes.is_empty() {
                    log::warn!("a session's data was not kept: the session has ended");
                }
            }
            // Nobody knows: what is written is asked about again.
            Err(_) => write_back(app, session, used, changes, &self.request, cookies),
        }
    }

    /// `None`: the session has ended.
    async fn save_in(
        &self,
        store: &Store,
        session: &Session,
        used: Use,
    ) -> Result<Option<Session>, StateError> {
        let app = &self.app;
        let is_note = self.changes.is_empty();
        if is_note && app.is_fresh(session, used) {
            return Ok(Some(session.clone()));
        }
        let save = async {
            let Some(ticket) = ticket_of(session) else {
                return Ok(None);
            };
            let Some(newest) = store.load(app, ticket, app.clock.now()).await? else {
                return Ok(None);
            };
            if is_note && app.is_fresh(&newest, used) {
                return Ok(Some(newest));
            }
            let Some(written) = reseal(app, &newest, used, self.changes.clone()) else {
                return Ok(Some(newest));
            };
            let is_saved = store.save(app, &written).await?;
            Ok(is_saved.then_some(written.session))
        };
        let across = app.across().unwrap_or(&store.across);
        let saved = match store.turns.take(session.id().0, !is_note).await {
            Some(_turn) => across.alone(session.id(), !is_note, save).await,
            None => None,
        };
        match saved {
            Some(saved) => saved,
            // Somebody else writes it now, and notes its use with that.
            None if is_note => Ok(Some(session.clone())),
            None => Err(StateError::new("others have been writing for too long")),
        }
    }
}

impl fmt::Debug for Saving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Saving(..)")
    }
}
