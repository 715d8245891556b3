//! The handle that an app holds: the four endpoints, and sessions.

use core::fmt;
use core::net::IpAddr;
use std::sync::{Arc, OnceLock};

use http::HeaderMap;
use http::Method;
use http::request::Parts;

use crate::client::{Provider, StartProblem};
use crate::clock::Clock;
use crate::config::{Config, Problem, StartError};
use crate::error::{
    CallbackError, Error, GuardError, LogoutError, ProviderError, RefreshError, SignInError,
};
use crate::flow::{self, Across, Written};
use crate::hooks::{Event, SignInHook};
use crate::response::{Response, no_store};
use crate::session::seal::Purpose;
use crate::session::{Second, Session, SessionId};
use crate::spec::{Rate, Spec};
use crate::state::{Finished, Flights, Limit, Revoked, SharedState, StateError, bucket};

/// Sign-in, ready to serve: what `from_env()` of a routes module returns. Cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    spec: &'static Spec,
    endpoints: [(String, Endpoint); 4],
    /// `None`: the app runs without a sign-in configuration.
    app: Option<App>,
}

/// What a configured app has.
pub(crate) struct App {
    pub(crate) spec: &'static Spec,
    pub(crate) config: Config,
    pub(crate) provider: Provider,
    pub(crate) clock: Clock,
    pub(crate) flights: Flights<Written>,
    pub(crate) revoked: Revoked,
    pub(crate) across: OnceLock<Across>,
    pub(crate) on_sign_in: OnceLock<Box<dyn SignInHook>>,
    /// Finished sign-ins of this process: each callback is answered once.
    pub(crate) finished: Finished,
    /// Of sign-in, callback, logout and refresh.
    limits: [Option<Limit>; 4],
}

/// The address of the client, as an extension of a request: what `rate_limit(...)` counts by.
///
/// The axum router takes it from `ConnectInfo<SocketAddr>` where the app is served with
/// `into_make_service_with_connect_info`. Behind a proxy, insert it in a middleware of your own,
/// from the header that your proxy, and nobody else, writes. Clients without one share a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

/// The endpoints of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    SignIn,
    Callback,
    Logout,
    Refresh,
}

impl Auth {
    /// Reads the configuration and asks the provider. One that cannot be reached is a warning
    /// and is asked again when it is needed; one that is wrong stops the start.
    pub(crate) async fn start(
        spec: &'static Spec,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<Self, StartError> {
        let (auth, unreachable) = Self::try_start(spec, lookup, clock).await?;
        if let Some(error) = unreachable {
            let issuer = auth.app().map(|app| app.config.issuer.as_str());
            tracing::warn!(issuer, %error, "sign-in answers 503 until the provider can be reached");
        }
        Ok(auth)
    }

    /// As [`start`](Self::start), telling apart whether the provider was reached.
    pub(crate) async fn try_start(
        spec: &'static Spec,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<(Self, Option<ProviderError>), StartError> {
        let config = Config::read(spec, lookup)?;
        let wrong = |what: &dyn fmt::Display| Problem::provider(spec, what.to_string());
        let provider = Provider::new(&config, clock.clone())
            .map_err(|error| StartError::new(vec![Problem::http(spec, &error)]))?;
        let unreachable = match provider.start(&config).await {
            Ok(()) => None,
            Err(StartProblem::Unreachable(error)) => Some(error),
            Err(StartProblem::Wrong(all)) => {
                return Err(StartError::new(all.iter().map(|it| wrong(it)).collect()));
            }
        };
        let rates = &spec.rate_limit;
        let limits = [rates.signin, rates.callback, rates.logout, rates.refresh]
            .map(|rate| Limit::new(rate?, &clock));
        let app = App {
            spec,
            config,
            provider,
            clock,
            flights: Flights::new(),
            revoked: Revoked::new(spec.session.max_age),
            across: OnceLock::new(),
            on_sign_in: OnceLock::new(),
            finished: Finished::new(spec.session.transaction),
            limits,
        };
        app.connect_shared_state()
            .map_err(|error| StartError::new(vec![Problem::redis(spec, &error)]))?;
        Ok((Self::new(spec, Some(app)), unreachable))
    }

    /// Sign-in that is switched off: endpoints answer 503, guards let nobody in.
    pub(crate) fn unconfigured(spec: &'static Spec) -> Self {
        Self::new(spec, None)
    }

    fn new(spec: &'static Spec, app: Option<App>) -> Self {
        let path = |endpoint| format!("{}/{endpoint}", spec.base_path);
        let endpoints = [
            (path(spec.paths.signin), Endpoint::SignIn),
            (path(spec.paths.callback), Endpoint::Callback),
            (path(spec.paths.logout), Endpoint::Logout),
            (path(spec.paths.refresh), Endpoint::Refresh),
        ];
        Self(Arc::new(Inner {
            spec,
            endpoints,
            app,
        }))
    }

    /// Is sign-in configured? `false` only after `from_env_or_unconfigured()` without a
    /// configuration.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.0.app.is_some()
    }

    /// The redirect URI to register at the provider (RFC 6749 §3.1.2).
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&str> {
        Some(&self.0.app.as_ref()?.config.redirect_uri)
    }

    /// The session of a request, whoever may be in it. `None`: nobody is signed in.
    ///
    /// Opens the identity alone, without a call to anywhere; the tokens stay sealed until
    /// [`Session::tokens`].
    #[must_use]
    pub fn session(&self, headers: &HeaderMap) -> Option<Session> {
        self.0.app.as_ref()?.session(headers)
    }

    /// Shares with other machines what must be shared: ended sessions, refreshes under way,
    /// finished sign-ins, rates. For a state of your own; Redis is `shared_state(redis = ...)`.
    ///
    /// The first state that is set stays.
    #[must_use]
    pub fn with_shared_state(self, state: impl SharedState) -> Self {
        if let Some(app) = self.app() {
            app.share(Arc::new(state));
        }
        self
    }

    /// Asks the app at each sign-in, once the provider's word is checked: it may look the user up,
    /// add roles and data, or refuse. A closure may hold what it needs, a database pool say.
    ///
    /// ```
    /// # async fn example(auth: authsafe::Auth) {
    /// use authsafe::{NewSession, SignInRefused};
    ///
    /// let auth = auth.on_sign_in(async |mut new: NewSession| {
    ///     if !new.session().user().email_verified() {
    ///         return Err(SignInRefused);
    ///     }
    ///     new.add_role("customer");
    ///     Ok(new)
    /// });
    /// # }
    /// ```
    ///
    /// The first hook that is set stays.
    #[must_use]
    pub fn on_sign_in(self, hook: impl SignInHook + 'static) -> Self {
        if let Some(app) = self.app()
            && app.on_sign_in.set(Box::new(hook)).is_err()
        {
            tracing::error!("on_sign_in is set already; the second one is not used");
        }
        self
    }

    /// How many calls of the shared state have failed since the start: a metric to watch.
    #[must_use]
    pub fn shared_state_failures(&self) -> u64 {
        let across = self.app().and_then(|app| app.across.get());
        across.map_or(0, Across::failures)
    }

    /// Ends all sessions of a user (`sub`) that began until now, for administrators: in this
    /// process at once, and on all machines that share a state with it.
    ///
    /// # Errors
    ///
    /// When the shared state does not answer: the other machines do not know then.
    pub async fn revoke_user(&self, user_id: &str) -> Result<(), StateError> {
        let Some(app) = self.app() else { return Ok(()) };
        let (now, max_age) = (app.clock.now(), app.spec.session.max_age);
        app.revoked.user(user_id, now);
        match app.across.get() {
            Some(across) => across.end_user(user_id, now, max_age).await,
            None => Ok(()),
        }
    }

    /// Ends one session, by [`Session::id`], as [`revoke_user`](Self::revoke_user) ends all.
    ///
    /// # Errors
    ///
    /// When the shared state does not answer: the other machines do not know then.
    pub async fn revoke_session(&self, id: SessionId) -> Result<(), StateError> {
        match self.app() {
            Some(app) => app.end_session(id.0).await,
            None => Ok(()),
        }
    }

    /// `GET signin`: sends the browser to the provider. Reads `returnTo`, `login_hint`, `prompt`
    /// and `screen_hint` from the query.
    pub async fn sign_in(&self, request: &Parts) -> Response {
        self.serve(Endpoint::SignIn, request).await
    }

    /// `GET callback`: the redirect URI. Makes the session.
    pub async fn callback(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Callback, request).await
    }

    /// `POST logout`: ends the session.
    pub async fn logout(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Logout, request).await
    }

    /// `POST refresh`: gives the session new tokens.
    pub async fn refresh(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Refresh, request).await
    }

    /// The paths of the endpoints.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = (&str, Endpoint)> {
        self.0
            .endpoints
            .iter()
            .map(|(path, it)| (path.as_str(), *it))
    }

    /// Where a sign-in starts.
    pub(crate) fn sign_in_path(&self) -> &str {
        &self.0.endpoints[0].0
    }

    pub(crate) async fn serve(&self, endpoint: Endpoint, request: &Parts) -> Response {
        let allow = endpoint.method();
        if request.method != allow {
            let allow = if allow == Method::GET { "GET" } else { "POST" };
            return self.refuse(Error::MethodNotAllowed { allow }, request);
        }
        let Some(app) = &self.0.app else {
            return self.refuse(endpoint.missing_configuration(), request);
        };
        if let Err(retry_after) = app.check_rate(endpoint, request).await {
            return self.refuse(Error::RateLimited { retry_after }, request);
        }
        let mut cookies = Vec::new();
        let result = match endpoint {
            Endpoint::SignIn => flow::sign_in(app, request, &mut cookies)
                .await
                .map_err(Error::from),
            Endpoint::Callback => flow::callback(app, request, &mut cookies)
                .await
                .map_err(Error::from),
            Endpoint::Logout => flow::logout(self, app, request, &mut cookies)
                .await
                .map_err(Error::from),
            Endpoint::Refresh => flow::refresh(self, app, request, &mut cookies)
                .await
                .map_err(Error::from),
        };
        let mut response = result.unwrap_or_else(|error| self.refuse(error, request));
        for cookie in cookies {
            response
                .headers_mut()
                .append(http::header::SET_COOKIE, cookie);
        }
        response
    }

    /// The answer to an error: the app's own where `on_error` has one, else the JSON one.
    pub(crate) fn refuse(&self, error: Error, request: &Parts) -> Response {
        let (status, code) = (error.status(), error.code());
        if status.is_server_error() {
            tracing::error!(%status, code, "refused");
        } else {
            tracing::debug!(%status, code, "refused");
        }
        if let Some(hook) = self.0.spec.on_event {
            hook.on_event(&Event::Refused { error: &error });
        }
        let own = self.0.spec.on_error;
        match own.and_then(|hook| hook.on_error(&error, request)) {
            Some(mut response) => {
                no_store(response.headers_mut());
                response
            }
            None => error.response(),
        }
    }

    /// Runs a task that nobody waits for, with the app at hand.
    pub(crate) fn in_background<F: Future<Output = ()> + Send + 'static>(
        &self,
        task: impl FnOnce(Self) -> F,
    ) {
        tokio::spawn(task(self.clone()));
    }

    pub(crate) fn app(&self) -> Option<&App> {
        self.0.app.as_ref()
    }
}

impl App {
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let cookies = &self.config.cookies;
        let keys = &self.config.keys;
        let sealed = cookies.session(headers)?;
        let first = keys.open_first(Purpose::Session, cookies.session_name(), sealed.as_bytes())?;
        let session = Session::decode(first, Second::Sealed(sealed, Arc::clone(keys)))?;
        (self.is_alive(&session)).then_some(session)
    }

    /// May this client call this endpoint now? Else, after how many seconds it may.
    async fn check_rate(&self, endpoint: Endpoint, request: &Parts) -> Result<(), u64> {
        let limit = match endpoint {
            Endpoint::SignIn => &self.limits[0],
            Endpoint::Callback => &self.limits[1],
            Endpoint::Logout => &self.limits[2],
            Endpoint::Refresh => &self.limits[3],
        };
        let Some(limit) = limit else { return Ok(()) };
        let client = request.extensions.get::<ClientAddr>().map(|addr| addr.0);
        limit.check(client)?;
        // Among machines: a counter for the time that the rate names.
        if let Some(across) = self.across.get() {
            let Rate { count, per } = limit.rate();
            let what = format!("{endpoint:?}:{}", bucket(client));
            match across.count(&what, per).await {
                Ok(calls) if calls > u64::from(count) => return Err(per.as_secs().max(1)),
                // Without the shared state, this process has counted for itself.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(())
    }

    fn connect_shared_state(&self) -> Result<(), StateError> {
        let Some(url) = &self.config.redis else {
            return Ok(());
        };
        #[cfg(feature = "redis")]
        {
            use secrecy::ExposeSecret;
            let redis =
                crate::state::Redis::new(url.expose_secret(), self.spec.shared_state.prefix);
            self.share(Arc::new(redis?));
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

    fn share(&self, state: Arc<dyn SharedState>) {
        let across = Across::new(state, Arc::clone(&self.config.keys));
        if self.across.set(across).is_err() {
            tracing::error!("a shared state is set already; the second one is not used");
        }
    }

    /// Ends a session, here at once and everywhere else as soon as it can be told.
    pub(crate) async fn end_session(&self, id: [u8; 16]) -> Result<(), StateError> {
        self.revoked.session(id);
        match self.across.get() {
            Some(across) => across.end_session(id, self.spec.session.max_age).await,
            None => Ok(()),
        }
    }

    /// Has another machine ended this session? `Err`: it cannot be known, and the app would
    /// rather refuse.
    pub(crate) async fn has_ended_elsewhere(&self, session: &Session) -> Result<bool, StateError> {
        let Some(across) = self.across.get() else {
            return Ok(false);
        };
        let user = session.user().id();
        let ended = across
            .has_ended(session.id().0, user, session.began_at())
            .await;
        match ended {
            Err(_) if !self.spec.shared_state.fail_closed => Ok(false),
            ended => ended,
        }
    }

    /// Has it neither run out nor been ended? When it ends is inside the seal; what the cookie
    /// says of itself is not asked.
    fn is_alive(&self, session: &Session) -> bool {
        let now = self.clock.now();
        let idle = self
            .spec
            .session
            .idle
            .map_or(u64::MAX, |idle| idle.as_secs());
        now < session.expires_at()
            && now.saturating_sub(session.active_at()) < idle
            && !self
                .revoked
                .holds(session.id().0, session.user().id(), session.began_at())
    }

    pub(crate) fn emit(&self, event: &Event<'_>) {
        if let Some(hook) = self.spec.on_event {
            hook.on_event(event);
        }
    }
}

impl Endpoint {
    fn method(self) -> Method {
        match self {
            Self::SignIn | Self::Callback => Method::GET,
            Self::Logout | Self::Refresh => Method::POST,
        }
    }

    fn missing_configuration(self) -> Error {
        match self {
            Self::SignIn => SignInError::MissingConfiguration.into(),
            Self::Callback => CallbackError::MissingConfiguration.into(),
            Self::Logout => LogoutError::MissingConfiguration.into(),
            Self::Refresh => RefreshError::MissingConfiguration.into(),
        }
    }
}

impl From<&Auth> for GuardError {
    /// What a guard refuses with where there is no session.
    fn from(auth: &Auth) -> Self {
        if auth.is_configured() {
            Self::Unauthenticated
        } else {
            Self::MissingConfiguration
        }
    }
}

/// Where it is and for whom; no secret.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = self.0.app.as_ref().map(|app| &app.config);
        f.debug_struct("Auth")
            .field("issuer", &config.map(|config| config.issuer.as_str()))
            .field("client_id", &config.map(|config| &config.client_id))
            .field("redirect_uri", &self.redirect_uri())
            .finish_non_exhaustive()
    }
}
