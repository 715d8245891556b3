//! What a configured app has, and what every flow asks of it.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use http::HeaderMap;
use http::request::Parts;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::across::Across;
use super::bearer::{BearerTokens, bearer_credentials};
use super::clients::Said;
use super::stored::Store;
use super::write::Written;
use crate::clock::{Clock, UnixSeconds};
use crate::config::{Config, Problem, StartError};
use crate::endpoint::Endpoint;
use crate::error::{ProviderError, RefreshError};
use crate::hooks::{Event, SignInHook};
use crate::log;
use crate::protocol::{logout_token, origin};
use crate::provider::{Provider, StartProblem};
use crate::session::cookie::{Found, Sealed};
use crate::session::seal::Purpose;
use crate::session::{Second, Session};
use crate::spec::{Rate, Spec, StoreSpec};
use crate::state::{
    EndedBy, Finished, Flights, Floors, Limit, Newest, Revoked, SharedState, Standing, StateNumber,
    bucket,
};
use crate::store::StateError;
use crate::types::{Subject, Token};

/// How many sessions at the most wait to be told of to other machines.
const UNTOLD: usize = 1000;
/// How many seconds there are before each attempt: five minutes, all together.
const UNTOLD_WAITS: [u64; 8] = [2, 4, 8, 16, 32, 64, 87, 87];

/// What a configured app has.
pub(crate) struct App {
    pub(crate) spec: &'static Spec,
    pub(crate) config: Config,
    pub(crate) provider: Provider,
    pub(crate) clock: Clock,
    pub(crate) flights: Flights<Written, RefreshError, RefreshError>,
    pub(crate) newest: Newest<Written>,
    pub(crate) revoked: Revoked,
    /// Of sessions in cookies; a store has no state of one but the newest.
    floors: Floors,
    /// Places for what other machines have still to be told of floors.
    untold: Arc<Semaphore>,
    /// `None`: no bearer tokens are taken.
    pub(super) bearer_tokens: Option<BearerTokens>,
    /// What the app shares between machines by its own word; [`across`](Self::across) knows more.
    across: OnceLock<Across>,
    /// `None`: sessions lie in cookies.
    pub(super) store: Option<Store>,
    pub(crate) on_sign_in: OnceLock<Box<dyn SignInHook>>,
    /// Finished sign-ins of this process: each callback is answered once.
    pub(crate) finished: Finished,
    /// Logout tokens that this process has been shown.
    pub(crate) logout_tokens: Finished,
    /// Of sign-in, callback, logout, refresh and session.
    limits: [Option<Limit>; 5],
    /// What has been said of how clients and users are named.
    pub(super) said: Said,
}

impl App {
    /// Reads the configuration and asks the provider; tells whether that was reached.
    pub(crate) async fn start(
        spec: &'static Spec,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<(Self, Option<ProviderError>), StartError> {
        let mut app = Self::prepare(spec, lookup, clock)?;
        let mut problems = Vec::new();
        if let StoreSpec::Custom(source) = spec.session.store {
            match source.open().await {
                Ok(records) => app.store = Some(Store::new(&app, records)),
                Err(error) => problems.push(Problem::store(&error)),
            }
        }
        let unreachable = match app.provider.start().await {
            Ok(()) => None,
            Err(StartProblem::Unreachable(error)) => Some(error),
            Err(StartProblem::Wrong(all)) => {
                let wrong = all.iter().map(|it| Problem::provider(spec, it.to_string()));
                problems.extend(wrong);
                None
            }
        };
        match problems.is_empty() {
            true => Ok((app, unreachable)),
            false => Err(StartError::new(problems)),
        }
    }

    /// Reads the configuration, and asks nobody.
    pub(crate) fn prepare(
        spec: &'static Spec,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<Self, StartError> {
        let config = Config::read(spec, lookup)?;
        let provider = Provider::new(
            Arc::clone(&config.client),
            config.ca_file.as_deref(),
            clock.clone(),
        )
        .map_err(|error| StartError::new(vec![Problem::http(spec, &error)]))?;
        let rates = &spec.rate_limit;
        let limits = [
            rates.signin,
            rates.callback,
            rates.logout,
            rates.refresh,
            rates.session,
        ]
        .map(|rate| Limit::new(rate?, &clock));
        let max_age = spec.session.max_age;
        let bearer_tokens = config.bearer.as_ref();
        let bearer_tokens = bearer_tokens.map(|bearer| BearerTokens::new(bearer, max_age));
        let mut app = App {
            spec,
            config,
            provider,
            clock,
            flights: Flights::new(),
            newest: Newest::new(),
            revoked: Revoked::new(memory(spec)),
            floors: Floors::new(spec.session.max_age),
            untold: Arc::new(Semaphore::new(UNTOLD)),
            bearer_tokens,
            across: OnceLock::new(),
            store: None,
            on_sign_in: OnceLock::new(),
            finished: Finished::new(spec.session.transaction),
            logout_tokens: Finished::new(logout_token::MEMORY),
            limits,
            said: Said::nothing(),
        };
        app.connect_shared_state()
            .map_err(|error| StartError::new(vec![Problem::redis(spec, &error)]))?;
        Ok(app)
    }

    /// The session of a request, if it is one of ours and has not ended here. `Err`: it is in the
    /// store, which does not answer.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, StateError> {
        self.session_at(headers, self.clock.now()).await
    }

    /// As [`session`](Self::session), for those who have read the clock already.
    pub(super) async fn session_at(
        &self,
        headers: &HeaderMap,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        match self.config.cookies.session(headers) {
            Found::Nothing => Ok(None),
            Found::One(sealed) if self.store.is_none() => Ok(self.open_at(sealed, now)),
            found => Box::pin(self.one_of(found, now)).await,
        }
    }

    /// The session of a store's ticket, or of several values: the one on which all agree that are
    /// any. Where they do not, somebody has planted one, and nobody can tell which.
    async fn one_of(&self, found: Found, now: UnixSeconds) -> Result<Option<Session>, StateError> {
        if let Found::One(sealed) = found {
            return self.session_in(sealed, now).await;
        }
        let mut sessions = self.all_of(found, now).await?;
        if sessions.len() > 1 {
            log::warn!(
                "a request holds the session cookies of several sessions, so it has none: does a \
                 sibling subdomain, or another path, set cookies of this name?"
            );
            return Ok(None);
        }
        Ok(sessions.pop())
    }

    /// Every session that a request's cookies open to, in its newest state: one, unless somebody has
    /// planted another.
    pub(super) async fn sessions(&self, headers: &HeaderMap) -> Result<Vec<Session>, StateError> {
        match self.config.cookies.session(headers) {
            Found::Nothing => Ok(Vec::new()),
            Found::One(sealed) => {
                let session = self.session_in(sealed, self.clock.now()).await?;
                Ok(session.into_iter().collect())
            }
            found => self.all_of(found, self.clock.now()).await,
        }
    }

    async fn all_of(&self, found: Found, now: UnixSeconds) -> Result<Vec<Session>, StateError> {
        let values = match found {
            Found::Nothing => Vec::new(),
            Found::One(value) => vec![value],
            Found::Several(values) => values,
            Found::TooMany => {
                log::warn!("a request holds more session cookies than are looked at");
                Vec::new()
            }
        };
        let mut sessions: Vec<Session> = Vec::new();
        for value in values {
            // Pieces that do not belong together have no tokens.
            let session = self.session_in(value, now).await?;
            let Some(session) = session.filter(|it| it.tokens().is_some()) else {
                continue;
            };
            match sessions.iter_mut().find(|it| it.id() == session.id()) {
                Some(other) if session.is_newer_than(other) => *other = session,
                Some(_) => {}
                None => sessions.push(session),
            }
        }
        Ok(sessions)
    }

    /// The session of one value, if it has not ended here.
    async fn session_in(
        &self,
        sealed: Sealed,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        let Some(store) = &self.store else {
            return Ok(self.open_at(sealed, now));
        };
        let session = match self.read_ticket(sealed.as_bytes()) {
            Some(ticket) => store.load(self, Arc::new(ticket), now).await?,
            None => None,
        };
        Ok(session.filter(|session| self.is_alive_at(session, now)))
    }

    /// The session that a cookie holds, if it has not ended here.
    fn open_at(&self, sealed: Sealed, now: UnixSeconds) -> Option<Session> {
        let session = self.open(sealed);
        session.filter(|session| self.is_alive_at(session, now))
    }

    /// The ids of the sessions in a request's cookies, also of those that are over.
    pub(super) fn session_ids(&self, headers: &HeaderMap) -> BTreeSet<[u8; 16]> {
        if self.store.is_some() {
            return self.tickets(headers).iter().map(|it| it.id).collect();
        }
        let values = match self.config.cookies.session(headers) {
            Found::Nothing | Found::TooMany => Vec::new(),
            Found::One(value) => vec![value],
            Found::Several(values) => values,
        };
        let id = |value| Some(self.open(value)?.id().0);
        values.into_iter().filter_map(id).collect()
    }

    /// The session that a cookie holds.
    fn open(&self, sealed: Sealed) -> Option<Session> {
        let (keys, name) = (&self.config.keys, self.config.cookies.session_name());
        let first = keys.open_first(Purpose::Session, name, sealed.as_bytes())?;
        Session::decode(first, Second::Sealed(sealed, Arc::clone(keys)))
    }

    /// Returns whether another origin's page asks to change something, with the cookies of its visitor.
    pub(crate) fn is_foreign(&self, request: &Parts) -> bool {
        let headers = &request.headers;
        origin::may_change(&request.method, headers)
            && bearer_credentials(self, headers).is_none()
            && !origin::is_own(headers, &self.config.app_url.origin())
    }

    /// Checks whether whoever calls from `peer` may call this endpoint now. `Err`: after how many seconds it may.
    pub(crate) async fn check_rate(
        &self,
        endpoint: Endpoint,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Result<(), u64> {
        let limit = match endpoint {
            Endpoint::SignIn => &self.limits[0],
            Endpoint::Callback => &self.limits[1],
            Endpoint::Logout => &self.limits[2],
            Endpoint::Refresh => &self.limits[3],
            Endpoint::Session => &self.limits[4],
            // Called by the provider for all users alike; a document that is the same for all.
            Endpoint::BackchannelLogout | Endpoint::ResourceMetadata => &None,
        };
        let Some(limit) = limit else { return Ok(()) };
        self.tell_how_clients_come(peer, headers);
        let client = self.client(peer, headers);
        limit.check(client)?;
        // Among machines: a counter for the time that the rate names.
        if let Some(across) = self.across() {
            let Rate { count, per } = limit.rate(client);
            let what = format!("{endpoint:?}:{}", bucket(client));
            match across.count(&what, per).await {
                Ok(calls) if calls > u64::from(count) => return Err(per.as_secs().max(1)),
                // Without the shared state, this process has counted for itself.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn connect_shared_state(&mut self) -> Result<(), StateError> {
        let is_store = matches!(self.spec.session.store, StoreSpec::Redis);
        let Some(url) = &self.config.redis else {
            return match is_store {
                true => Err(StateError::new(
                    "is not set, and sessions are to be kept there",
                )),
                false => Ok(()),
            };
        };
        #[cfg(feature = "redis")]
        {
            use secrecy::ExposeSecret;
            let redis =
                crate::state::Redis::new(url.expose_secret(), self.spec.shared_state.prefix)?;
            if is_store {
                self.store = Some(Store::new(self, Arc::new(redis.clone())));
            }
            self.share(Arc::new(redis));
            Ok(())
        }
        #[cfg(not(feature = "redis"))]
        {
            let _ = url;
            Err(StateError::new(
                "is set, and authsafe is built without its feature `redis`",
            ))
        }
    }

    pub(crate) fn share(&self, state: Arc<dyn SharedState>) {
        let across = Across::new(&self.config, &self.clock, state);
        if self.across.set(across).is_err() {
            tracing::error!("a shared state is set already; the second one is not used");
        }
    }

    /// What machines share: by the app's own word, or else by the store.
    pub(crate) fn across(&self) -> Option<&Across> {
        self.across
            .get()
            .or_else(|| Some(&self.store.as_ref()?.across))
    }

    /// How many calls of the shared state and of the store have failed since the start.
    pub(crate) fn state_failures(&self) -> u64 {
        let across = self.across.get().map_or(0, Across::failures);
        across + self.store.as_ref().map_or(0, Store::failures)
    }

    /// Returns whether a newer state of this session was written a moment ago.
    pub(crate) fn has_newer(&self, session: &Session) -> bool {
        let newest = self.newest.get(session.id().0);
        newest.is_some_and(|newest| newest.session.is_newer_than(session))
    }

    /// Revokes a refresh token (RFC 7009) while nobody waits for it.
    pub(crate) fn revoke_in_background(self: &Arc<Self>, refresh_token: Option<Token>) {
        // Where the runtime has stopped there is nobody left to do it.
        if let (Some(refresh_token), Ok(runtime)) = (refresh_token, Handle::try_current()) {
            let app = Arc::clone(self);
            runtime.spawn(async move { app.provider.revoke(&refresh_token).await });
        }
    }

    /// Ends a session, here at once and everywhere else as soon as it can be told.
    pub(crate) async fn end_session(&self, id: [u8; 16]) -> Result<(), StateError> {
        self.revoked.session(id);
        self.tell_session_ended(id).await
    }

    /// Deletes a session's record, and tells the other machines that it has ended: a save that is
    /// under way there must not bring it back.
    pub(crate) async fn tell_session_ended(&self, id: [u8; 16]) -> Result<(), StateError> {
        let told = match self.across() {
            Some(across) => across.end_session(id, memory(self.spec)).await,
            None => Ok(()),
        };
        self.delete(id, told).await
    }

    /// Ends a session in whose place its browser has got another one, as
    /// [`end_session`](Self::end_session).
    pub(super) async fn replace_session(&self, id: [u8; 16]) -> Result<(), StateError> {
        self.revoked.replaced(id);
        let told = match self.across() {
            Some(across) => across.replace_session(id, memory(self.spec)).await,
            None => Ok(()),
        };
        self.delete(id, told).await
    }

    /// Returns whether another session has come in the place of this one. `false` where that cannot be known.
    pub(super) async fn is_replaced(&self, id: [u8; 16]) -> bool {
        self.revoked.is_replaced(id)
            || match self.across() {
                Some(across) => across.is_replaced(id).await.unwrap_or(false),
                None => false,
            }
    }

    /// Returns whether an answer may take a session's cookie away, which has ended here. Not where its browser may have
    /// got that of a newer state, or of another session: an answer that is sent late would take that.
    pub(super) async fn may_remove(&self, session: &Session) -> bool {
        !self.has_newer(session) && self.is_last(session) && !self.is_replaced(session.id().0).await
    }

    /// Returns whether this session has ended here, and nobody has signed in here since.
    pub(crate) fn is_last(&self, session: &Session) -> bool {
        self.revoked.is_last(&self.ended_by(session))
    }

    /// Deletes a session's record, when the others have been told.
    async fn delete(&self, id: [u8; 16], told: Result<(), StateError>) -> Result<(), StateError> {
        let deleted = match &self.store {
            Some(store) => store.delete(id).await,
            None => Ok(()),
        };
        match &self.store {
            Some(_) if !self.spec.shared_state.fail_closed => deleted,
            _ => told.and(deleted),
        }
    }

    /// Says what to write where a `sub` looks like one of AuthSafe's, and is taken as it is spelt: in
    /// the other spelling it would be another user, and a logout that ends nothing.
    pub(super) fn tell_of_spelling(&self, sub: &Subject) {
        // On http it is a provider of this machine, for tests.
        if sub.may_miss_a_spelling() && self.config.client.issuer.is_https() {
            self.said.spelling.call_once(|| {
                log::warn!(
                    "a `sub` of the provider begins with `authsafe|`, as AuthSafe's do, and this app does \
                     not take it for the one without: where the provider is AuthSafe on a domain of \
                     yours, write `endpoints(authsafe)`, or a logout may end nothing"
                );
            });
        }
    }

    /// Ends the sessions of a user that began until now, here at once and everywhere else as soon
    /// as it can be told.
    pub(crate) async fn end_user(&self, user: Subject<&str>) -> Result<(), StateError> {
        let (now, max_age) = (self.clock.now(), memory(self.spec));
        self.revoked.user(user, now);
        match self.across() {
            Some(across) => across.end_user(user, now, max_age).await,
            None => Ok(()),
        }
    }

    /// Ends those of one session at the provider, as [`end_user`](Self::end_user) those of a user; and
    /// of its user, where that is told, those of which nobody knows whether they came of it.
    pub(crate) async fn end_provider_session(
        &self,
        sid: &str,
        user: Option<Subject<&str>>,
    ) -> Result<(), StateError> {
        let (now, max_age) = (self.clock.now(), memory(self.spec));
        self.revoked.provider_session(sid, now);
        if let Some(user) = user {
            self.revoked.without_provider_session(user, now);
        }
        let Some(across) = self.across() else {
            return Ok(());
        };
        across.end_provider_session(sid, now, max_age).await?;
        match user {
            Some(user) => {
                let ended = across.end_without_provider_session(user, now, max_age);
                ended.await
            }
            None => Ok(()),
        }
    }

    /// A session as it is taken: as it came; or, where something was taken away from it a moment ago,
    /// as it is since. `None`: another machine has ended it, or it was sealed too long before.
    /// `Err`: it cannot be known, and the app would rather refuse.
    pub(crate) async fn current(
        &self,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<Session>, StateError> {
        let judged = self.judged(session, now).await?;
        Ok(judged.map(|(session, _)| session))
    }

    /// As [`current`](Self::current), and whether that is late itself: what it is since is not known
    /// yet, and it is refused in a moment.
    pub(super) async fn judged(
        &self,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<(Session, Standing)>, StateError> {
        let here = self.standing_here(&session, now);
        let elsewhere = match self.across() {
            Some(across) => Box::pin(self.standing_elsewhere(across, &session, now)).await?,
            None => Standing::Current,
        };
        Ok(match here.max(elsewhere) {
            Standing::Current => Some((session, Standing::Current)),
            Standing::Late => {
                let late = session.state();
                let newer = Box::pin(self.newer(session, now)).await;
                newer.map(|it| match it.state() == late {
                    true => (it, Standing::Late),
                    false => (it, Standing::Current),
                })
            }
            Standing::Over => None,
        })
    }

    /// Whether this process has taken something away from a session since this state of it.
    pub(super) fn standing_here(&self, session: &Session, now: UnixSeconds) -> Standing {
        self.floors.judge(session.id().0, session.state(), now)
    }

    async fn standing_elsewhere(
        &self,
        across: &Across,
        session: &Session,
        now: UnixSeconds,
    ) -> Result<Standing, StateError> {
        let state = self.store.is_none().then(|| session.state());
        match across.standing(&self.ended_by(session), state, now).await {
            Err(_) if !self.must_know() => Ok(Standing::Current),
            standing => standing,
        }
    }

    /// What a late state has become, as far as this process or another one can say now.
    async fn newer(&self, late: Session, now: UnixSeconds) -> Option<Session> {
        let id = late.id().0;
        let here = self.newest.get(id).map(|newest| newest.session.clone());
        let newer = match (here.filter(|it| it.is_newer_than(&late)), self.across()) {
            (Some(here), _) => Some(here),
            (None, Some(across)) => across
                .flown((id, late.renewals()))
                .await
                .and_then(|value| Some(Written::read(self, value)?.session)),
            (None, None) => None,
        };
        newer
            .or(Some(late))
            .filter(|session| self.is_alive_at(session, now))
    }

    /// Something was taken away from a session, which is now as it is here: what was sealed before
    /// is refused, on all machines, once the requests that were on the way have come.
    pub(super) async fn refuse_earlier(self: &Arc<Self>, session: &Session) {
        let (id, state, now) = (session.id().0, session.state(), self.clock.now());
        self.floors.raise(id, state, now);
        if let Some(across) = self.across() {
            let max_age = self.spec.session.max_age;
            if across.raise_floor(id, state, now, max_age).await.is_err() {
                self.refuse_earlier_elsewhere(id, state, now);
            }
        }
    }

    /// Tells the other machines later what they could not be told, while nobody waits for it: else
    /// the cookies from before would keep there what was taken away. Here it is known.
    fn refuse_earlier_elsewhere(
        self: &Arc<Self>,
        id: [u8; 16],
        state: StateNumber,
        now: UnixSeconds,
    ) {
        let Ok(place) = Arc::clone(&self.untold).try_acquire_owned() else {
            log::error!("other machines were not told that something was taken from a session");
            return;
        };
        let app = Arc::clone(self);
        tokio::spawn(async move {
            let _place = place;
            for seconds in UNTOLD_WAITS {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                let Some(across) = app.across() else { return };
                let max_age = app.spec.session.max_age;
                if across.raise_floor(id, state, now, max_age).await.is_ok() {
                    return;
                }
            }
            log::error!("other machines were not told that something was taken from a session");
        });
    }

    /// Returns whether nobody is let in while it cannot be known what other machines say.
    pub(super) fn must_know(&self) -> bool {
        self.spec.shared_state.fail_closed || self.store.is_some()
    }

    /// Returns whether it has neither run out nor been ended. When it ends is inside the seal; what the cookie
    /// says of itself is not asked.
    pub(crate) fn is_alive(&self, session: &Session) -> bool {
        self.is_alive_at(session, self.clock.now())
    }

    fn is_alive_at(&self, session: &Session, now: UnixSeconds) -> bool {
        let idle = self
            .spec
            .session
            .idle
            .map_or(u64::MAX, |idle| idle.as_secs());
        now < session.expires_at()
            && now.saturating_sub(session.active_at()) < idle
            && !self.has_been_ended(session)
    }

    /// Returns whether it was ended here, before its time.
    pub(super) fn has_been_ended(&self, session: &Session) -> bool {
        self.revoked.holds(&self.ended_by(session))
    }

    fn ended_by<'s>(&self, session: &'s Session) -> EndedBy<'s> {
        EndedBy {
            id: session.id().0,
            user: self.config.client.subjects.of(session.user().id()),
            provider_session: session.provider_session(),
            began: session.began_at(),
        }
    }

    pub(crate) fn emit(&self, event: &Event<'_>) {
        if let Some(hook) = self.spec.on_event {
            hook.on_event(event);
        }
    }
}

/// How long it is remembered who was signed out: no session and no bearer token lasts longer.
fn memory(spec: &Spec) -> Duration {
    let tokens = spec.bearer.map_or(Duration::ZERO, |bearer| bearer.max_age);
    spec.session.max_age.max(tokens)
}
