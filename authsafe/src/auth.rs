//! The handle that an app holds: the endpoints, and sessions.

use core::fmt;
use core::net::IpAddr;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError, Weak};

use http::request::Parts;
use http::{HeaderMap, Method};
use tracing::Instrument as _;

use crate::clock::Clock;
use crate::config::StartError;
use crate::endpoint::{ClientAddr, Endpoint};
use crate::error::{Error, GuardError, ProviderError, SignInError};
use crate::flow::{self, App, Refused, Why};
use crate::lifecycle::Activity;
use crate::log::{self, metrics};
use crate::page::{self, Ways};
use crate::path_rules::{Demands, PathRules};
use crate::protocol::origin;
use crate::response::{self, Response, for_this_browser, harden, no_store};
use crate::session::{Session, SessionId};
use crate::spec::Unauthenticated;
use crate::spec::{Event, Hooks, Occasion, SignInHook, path_of};
use crate::spec::{Pages, ResponseMode, SpecParts};
use crate::store::{SharedState, StateError};
use crate::types::{Boxed, RoutesId};

/// A configured sign-in. `from_env()` of a routes module returns it. Cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    spec: &'static SpecParts,
    /// Sign-in first.
    endpoints: Vec<(String, Endpoint)>,
    rules: PathRules,
    hooks: Arc<Hooks>,
    told_of_second_layer: Once,
    /// `None`: the app runs without a sign-in configuration.
    app: Option<Arc<App>>,
}

/// What a guard asked for, for the log.
#[derive(Debug, Default)]
pub(crate) struct Demand<'a> {
    /// The policy, in words.
    pub(crate) asked: Option<String>,
    /// What the session has that a policy may ask for.
    pub(crate) has: Option<String>,
    /// Whose session it is.
    pub(crate) user: Option<&'a str>,
    /// Which session it is.
    pub(crate) session: Option<SessionId>,
    /// The cause. No browser is told.
    pub(crate) cause: Option<Cow<'a, str>>,
    /// What a policy of the app's own says why. No browser is told.
    pub(crate) reason: Option<&'a str>,
    /// The address that the request came in from, as the framework tells it.
    pub(crate) peer: Option<IpAddr>,
}

impl Auth {
    /// Reads the configuration and asks the provider. One that cannot be reached is a warning
    /// and is asked again when it is needed; one that is wrong stops the start.
    pub(crate) fn start<'a>(
        spec: &'static SpecParts,
        lookup: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Boxed<'a, Result<Self, StartError>> {
        Box::pin(async move {
            let (auth, unreachable) = Self::try_start(spec, lookup, clock).await?;
            auth.tell_of_shared_cookies();
            auth.tell_of_plain_http();
            if let Some(error) = unreachable {
                let issuer = auth.app().map(|app| app.config.client.issuer.as_str());
                tracing::warn!(issuer, %error, "sign-in answers 503 until the provider can be reached");
            }
            Ok(auth)
        })
    }

    /// Says so in the log, at each start, where something is on plain http: an app that is itself so, on this
    /// machine or in a private network, may be.
    fn tell_of_plain_http(&self) {
        let Some(app) = self.app() else { return };
        for (setting, url) in app.config.on_plain_http() {
            log::warn!(
                setting,
                url,
                "PLAIN HTTP: whoever is between reads passwords, tokens and cookies, and can sign in as \
                 anybody. It is taken since `app_url` is http, on this machine or in a private network; an app \
                 on https does not start with it"
            );
        }
    }

    /// Says so in the log where another sign-in of this process has cookies of the same name: a browser
    /// keeps one of the two.
    fn tell_of_shared_cookies(&self) {
        static STARTED: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());
        let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
        started.retain(|it| it.strong_count() > 0);
        for other in started.iter().filter_map(Weak::upgrade).map(Self) {
            if self.shares_cookies_with(&other) {
                log::warn!(
                    cookie = self.0.spec.cookies.name,
                    routes = ?[self.routes(), other.routes()],
                    "two sign-ins keep their sessions in cookies of one name, so that who signs in \
                     at one is signed out at the other, or in at both where provider, client and \
                     secret are the same: write `cookies(name = \"...\")` in the routes of one"
                );
            }
        }
        started.push(Arc::downgrade(&self.0));
    }

    fn shares_cookies_with(&self, other: &Self) -> bool {
        let (one, two) = (self.0.spec.cookies, other.0.spec.cookies);
        // `name`, `name.0` and `name.tx.label`: the session, its pieces, and sign-ins in flight.
        let begins = |name: &str, with: &str| match name.strip_prefix(with) {
            Some(rest) => {
                matches!(rest.as_bytes(), [] | [b'.', b'0'..=b'9']) || rest.starts_with(".tx.")
            }
            None => false,
        };
        let bare = |name: &'static str| {
            let name = name.trim_start_matches("__Host-");
            name.trim_start_matches("__Secure-")
        };
        let (a, b) = (bare(one.name), bare(two.name));
        let host = |auth: &Self| Some(auth.app()?.config.app_url.host()?.to_owned());
        self.routes() != other.routes()
            && host(self) == host(other)
            && (begins(a, b) || begins(b, a))
            && (one.path.starts_with(two.path) || two.path.starts_with(one.path))
    }

    /// Does what [`start`](Self::start) does, telling apart whether the provider was reached.
    pub(crate) async fn try_start(
        spec: &'static SpecParts,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<(Self, Option<ProviderError>), StartError> {
        let (app, unreachable) = App::start(spec, lookup, clock).await?;
        Ok((Self::new(spec, Some(Arc::new(app))), unreachable))
    }

    /// An app that is configured, and has asked no provider.
    #[cfg(feature = "testing")]
    pub(crate) fn prepared(spec: &'static SpecParts, app: App) -> Self {
        Self::new(spec, Some(Arc::new(app)))
    }

    /// Sign-in that is switched off: endpoints answer 503, guards let nobody in.
    pub(crate) fn unconfigured(spec: &'static SpecParts) -> Self {
        Self::new(spec, None)
    }

    fn new(spec: &'static SpecParts, app: Option<Arc<App>>) -> Self {
        let path = |endpoint| format!("{}/{endpoint}", spec.base_path);
        let callback = match spec.response_mode {
            ResponseMode::Query => Endpoint::Callback,
            ResponseMode::FormPost => Endpoint::FormCallback,
        };
        let mut endpoints = vec![
            (path(spec.paths.signin), Endpoint::SignIn),
            (path(spec.paths.callback), callback),
            (path(spec.paths.logout), Endpoint::Logout),
            (path(spec.paths.refresh), Endpoint::Refresh),
        ];
        if let Some(name) = spec.paths.session {
            endpoints.push((path(name), Endpoint::Session));
        }
        if let Some(name) = spec.paths.backchannel_logout {
            endpoints.push((path(name), Endpoint::BackchannelLogout));
        }
        if let Some(name) = spec.paths.signed_out {
            endpoints.push((path(name), Endpoint::SignedOut));
        }
        if spec.keep_post.is_some() {
            endpoints.push((spec.kept_form_path(), Endpoint::KeptForm));
        }
        let bearer = app.as_ref().and_then(|app| app.config.bearer.as_ref());
        if let Some(url) = bearer.and_then(|bearer| bearer.metadata.as_ref()) {
            endpoints.push((url.path().to_owned(), Endpoint::ResourceMetadata));
        }
        // An app that is configured has started without a problem in them.
        let rules = PathRules::new(spec).unwrap_or_else(|_| PathRules::closed());
        let hooks = app.as_ref().map(|app| Arc::clone(&app.hooks));
        Self(Arc::new(Inner {
            spec,
            endpoints,
            rules,
            hooks: hooks.unwrap_or_default(),
            told_of_second_layer: Once::new(),
            app,
        }))
    }

    /// Returns whether sign-in is configured. It is not after `from_env_or_unconfigured()` without a
    /// configuration.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.0.app.is_some()
    }

    /// Returns the redirect URI to register at the provider (RFC 6749 §3.1.2).
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&str> {
        Some(&self.0.app.as_ref()?.config.client.redirect_uri)
    }

    /// The provider's issuer and its endpoints, by name. Empty where it was not reached.
    #[cfg(feature = "cli")]
    pub(crate) fn provider_endpoints(&self) -> Vec<(&'static str, Option<String>)> {
        let Some(app) = self.app() else {
            return Vec::new();
        };
        let Some(metadata) = app.provider.known_metadata() else {
            return Vec::new();
        };
        let issuer = ("issuer", Some(app.config.client.issuer.as_str().to_owned()));
        let endpoints = metadata.endpoints();
        let endpoints = endpoints.map(|(name, url)| (name, url.map(|url| url.as_str().to_owned())));
        core::iter::once(issuer).chain(endpoints).collect()
    }

    /// Returns the session of a request. `None`: nobody is signed in.
    ///
    /// It makes a call only to the session store and to the shared state, if there is one. The tokens stay sealed
    /// until [`Session::tokens`].
    ///
    /// Guards and extractors do more:
    ///
    /// - They refresh an access token that has run out.
    /// - They note that the session is used. With `session(idle = "...")`, one that only this method sees ends.
    /// - They read bearer tokens. If the app takes bearer tokens, this method returns `None` for a request that has
    ///   one.
    /// - They refuse a request that another origin's page made and that changes something.
    /// - They mark the answer as one that depends on the cookie (`Vary`, `Cache-Control: private`). Mark it yourself, if a cache
    ///   may see it.
    ///
    /// # Errors
    ///
    /// If the session store does not answer, or if the shared state does not answer and `fail_closed` is set.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Option<Session>, StateError> {
        let Some(app) = self.app().filter(|_| !self.is_bearer(headers)) else {
            return Ok(None);
        };
        let now = app.clock.now();
        app.sessions.find(headers, now).await
    }

    /// Shares ended sessions, running refreshes, finished sign-ins and rates with other machines, by a state of
    /// your own. For Redis, write `shared_state(redis = ...)` in the attribute.
    ///
    /// The first state that is set stays.
    #[must_use]
    pub fn with_shared_state(self, state: impl SharedState) -> Self {
        if let Some(app) = self.app() {
            app.sessions.share(Arc::new(state));
        }
        self
    }

    /// Calls a function of the app at each sign-in, after the provider's answer is checked.
    ///
    /// The function can look the user up, add roles and data, or refuse. A closure can own what it needs, such as a
    /// database pool. It clones the pool for each sign-in.
    ///
    /// ```
    /// # #[derive(Clone)]
    /// # struct Pool;
    /// # impl Pool {
    /// #     async fn role_of(&self, _: &str) -> Option<String> { None }
    /// # }
    /// # async fn example(auth: authsafe::Auth, pool: Pool) {
    /// use authsafe::hooks::{NewSession, SignInRefused};
    ///
    /// let auth = auth.on_sign_in(move |mut new: NewSession| {
    ///     let pool = pool.clone();
    ///     async move {
    ///         if !new.session().user().email_verified() {
    ///             return Err(SignInRefused::because("Please confirm your address first."));
    ///         }
    ///         if let Some(role) = pool.role_of(new.session().user().id()).await {
    ///             new.add_role(role);
    ///         }
    ///         Ok(new)
    ///     }
    /// });
    /// # }
    /// ```
    ///
    /// The function is not called for bearer tokens, because a bearer token is not a sign-in. To refuse their users
    /// by the app's own data, write `#[require(policy = ...)]`.
    ///
    /// The function runs in a task of its own, as the whole callback does. A browser that disconnects does not stop
    /// it. Task-locals of the app's middleware are not there.
    ///
    /// The first hook that is set stays.
    #[must_use]
    #[doc(alias = "own users")]
    #[doc(alias = "database")]
    pub fn on_sign_in(self, hook: impl SignInHook + 'static) -> Self {
        set_once("on_sign_in", &self.0.hooks.on_sign_in, Box::new(hook));
        self
    }

    /// Calls a closure with each [`Event`], for audit logs.
    ///
    /// `on_event` in the attribute names a function; a closure can have a state, such as the sender of a channel. The
    /// closure is called after the attribute's function and before the answer is sent. It must not block.
    ///
    /// The first hook that is set stays.
    ///
    /// ```
    /// # async fn example(auth: authsafe::Auth) {
    /// let (audit, mut events) = tokio::sync::mpsc::unbounded_channel();
    /// let auth = auth.on_event(move |event| drop(audit.send(format!("{event:?}"))));
    /// tokio::spawn(async move {
    ///     while let Some(event) = events.recv().await {
    ///         println!("{event}");
    ///     }
    /// });
    /// # drop(auth);
    /// # }
    /// ```
    #[must_use]
    #[doc(alias = "audit")]
    pub fn on_event(self, hook: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        set_once("on_event", &self.0.hooks.on_event, Box::new(hook));
        self
    }

    /// Calls a closure to answer errors.
    ///
    /// `on_error` in the attribute names a function; a closure can have a state, such as templates. The closure is
    /// called if the attribute's function has no answer. If it returns `None`, the error is answered as usual.
    ///
    /// The first hook that is set stays.
    #[must_use]
    pub fn on_error(
        self,
        hook: impl Fn(&Error, &Parts) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        set_once("on_error", &self.0.hooks.on_error, Box::new(hook));
        self
    }

    /// Returns how many calls to the shared state and the session store have failed since the start, as a metric.
    #[must_use]
    pub fn shared_state_failures(&self) -> u64 {
        self.app().map_or(0, |app| app.sessions.failures())
    }

    /// Ends all sessions of a user (`sub`) that began until now, for administrators.
    ///
    /// They end in this process at once, and on all machines that share a state with it. Write the id as
    /// [`User::id`](crate::User::id) returns it. At AuthSafe, `authsafe|x` and `x` are the same user; at another
    /// provider they are two users.
    ///
    /// # Errors
    ///
    /// If the shared state does not answer. Then the other machines do not know.
    #[doc(alias = "logout everywhere")]
    #[doc(alias = "log out everywhere")]
    #[doc(alias = "ban")]
    pub async fn revoke_user(&self, user_id: &str) -> Result<(), StateError> {
        let Some(app) = self.app().map(Arc::clone) else {
            return Ok(());
        };
        let user_id = user_id.to_owned();
        let ended = flow::to_the_end(Box::pin(async move {
            let user = app.config.client.subjects.of(&*user_id);
            let ended = app.sessions.revoke_user(user).await;
            app.emit(&Event::Revoked {
                user_id: Some(&user_id),
                session: None,
                is_told: ended.is_ok(),
                occasion: Occasion::by(None, app.clock.now()),
            });
            ended
        }));
        ended.await.unwrap_or_else(shuts_down)
    }

    /// Ends one session, by its [`Session::id`]. [`revoke_user`](Self::revoke_user) ends all sessions of a user.
    ///
    /// # Errors
    ///
    /// If the shared state does not answer. Then the other machines do not know.
    #[doc(alias = "device")]
    pub async fn revoke_session(&self, id: SessionId) -> Result<(), StateError> {
        let Some(app) = self.app().map(Arc::clone) else {
            return Ok(());
        };
        let ended = flow::to_the_end(Box::pin(async move {
            let ended = app.sessions.revoke_session(id).await;
            app.emit(&Event::Revoked {
                user_id: None,
                session: Some(id),
                is_told: ended.is_ok(),
                occasion: Occasion::by(None, app.clock.now()),
            });
            ended
        }));
        ended.await.unwrap_or_else(shuts_down)
    }

    /// Answers `GET signin`: sends the browser to the provider. Reads `returnTo`, `login_hint`, `prompt`,
    /// `screen_hint`, `ui_locales`, `max_age` and the parameters of `forward(...)` from the query.
    #[doc(alias = "login")]
    pub async fn sign_in(&self, request: &Parts) -> Response {
        self.serve(Endpoint::SignIn, request).await
    }

    /// Answers `GET callback`, the redirect URI: makes the session.
    pub async fn callback(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Callback, request).await
    }

    /// Answers `POST callback`, the redirect URI with `response_mode = "form_post"`: makes the session.
    ///
    /// `body` is the form that the browser posts for the provider. Read 64 KB of it at most.
    pub async fn form_callback(&self, request: &Parts, body: &[u8]) -> Response {
        self.serve_with_body(Endpoint::FormCallback, request, body)
            .await
    }

    /// Answers `POST logout`: ends the session.
    ///
    /// Reads `returnTo` and `state` from the query. The provider sends `state` back to the page after logout.
    ///
    /// If the provider has an end-session endpoint, the browser goes there and comes back to `after_logout`. With
    /// `paths(signed_out = "...")` it comes back to that endpoint, which sends it to `returnTo`.
    #[doc(alias = "sign out")]
    #[doc(alias = "signout")]
    pub async fn logout(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Logout, request).await
    }

    /// Answers `POST refresh`: gives the session new tokens.
    pub async fn refresh(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Refresh, request).await
    }

    /// Answers `GET session`: returns the user and the session as JSON, for scripts. If nobody is signed in, the
    /// answer is 401.
    ///
    /// The router has this endpoint if the attribute gives it a path: `paths(session = "session")`. It refreshes the
    /// access token as a guard does. It does not count as a use of the app, so a tab that polls it does not keep an
    /// idle session alive.
    ///
    /// Other sites cannot read the answer. The app's own pages on another origin can, if the app allows it with CORS
    /// headers of its own.
    pub async fn session(&self, request: &Parts) -> Response {
        self.serve(Endpoint::Session, request).await
    }

    /// Answers the provider's `POST` of a logout token: ends the sessions that the token names (OpenID Connect
    /// Back-Channel Logout 1.0 §2.5).
    ///
    /// `body` is the form that the provider sends. Read 64 KB of it at most.
    ///
    /// The router has this endpoint if the attribute gives it a path: `paths(backchannel_logout = "...")`. Register
    /// its URL at the provider as `backchannel_logout_uri`.
    ///
    /// A logout token can be used once, and for an hour at most. Its `typ` header is `logout+jwt`. §2.4 only
    /// recommends that, so a token with the type `JWT` or without a type passes too.
    ///
    /// The token ends sessions that began until now:
    ///
    /// - With a `sid`: the sessions that came from that session at the provider. If the token also has a `sub`, the
    ///   sessions of that user without a known `sid` end as well.
    /// - Without a `sid`: all sessions of the user in `sub`.
    #[doc(alias = "single logout")]
    pub async fn backchannel_logout(&self, request: &Parts, body: &[u8]) -> Response {
        self.serve_with_body(Endpoint::BackchannelLogout, request, body)
            .await
    }

    /// The paths of the endpoints.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = (&str, Endpoint)> {
        self.0
            .endpoints
            .iter()
            .map(|(path, it)| (path.as_str(), *it))
    }

    /// Returns whether there is an endpoint at this path below the base path: all but the metadata of RFC 9728 are.
    pub(crate) fn has_endpoint(&self, path: &str) -> bool {
        path.starts_with(self.0.spec.base_path) && self.endpoints().any(|it| it.0 == path)
    }

    /// Notes what the session layer knows of where the endpoints are: that nothing is at the path of one.
    pub(crate) fn note_absence(&self) {
        if let Some(app) = self.app() {
            app.told.whereabouts.note_absence();
        }
    }

    /// Notes the same: that this is below a path.
    pub(crate) fn note_nested_layer(&self, above: &str) {
        if let Some(app) = self.app() {
            app.told.whereabouts.note_nested_layer(above);
        }
    }

    /// Says, once, that two session layers of these routes lie around a handler.
    pub(crate) fn tell_of_second_layer(&self) {
        self.0.told_of_second_layer.call_once(|| {
            log::warn!(
                routes = ?self.routes(),
                "a request has come to a second session layer of the same routes. The outer one writes the session; \
                 leave out the other `.layer(auth.layer())`, or `.wrap(auth.middleware())` on actix-web"
            );
        });
    }

    /// Returns whether it is the same handle, or a clone of it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns whether a request for this path is a use of the app. The question who is signed in is none, whoever
    /// else looks at its session on the way.
    pub(crate) fn use_of(&self, path: Option<&str>) -> Activity {
        let asks = |path| self.endpoints().any(|it| it == (path, Endpoint::Session));
        match path.is_some_and(asks) {
            true => Activity::Polling,
            false => Activity::User,
        }
    }

    /// Returns whether there are paths that are held to a policy.
    pub(crate) fn has_path_rules(&self) -> bool {
        !self.0.rules.is_empty()
    }

    /// Returns what a request for this path has to pass, whatever handles it; below a route that was cut
    /// off from it, or below none. The endpoints are for everybody, each at its one spelling.
    pub(crate) fn demands(&self, above: &str, path: &str) -> Demands {
        let demands = match above {
            "" => self.0.rules.demands(path),
            above => self.0.rules.demands_below(above, path),
        };
        let is = |endpoint: &str| match above {
            // Cutting nothing off compares nothing, which some processors are slow at.
            "" => endpoint == path,
            _ => endpoint.strip_prefix(above) == Some(path),
        };
        match demands {
            Demands::Nothing => Demands::Nothing,
            _ if self.endpoints().any(|(endpoint, _)| is(endpoint)) => Demands::Nothing,
            demands => demands,
        }
    }

    /// Returns where a sign-in starts.
    pub(crate) fn sign_in_path(&self) -> &str {
        &self.0.endpoints[0].0
    }

    /// Returns where a person is shown the way to sign in: the app's own page, or where a sign-in starts.
    fn sign_in_page(&self) -> &str {
        self.pages().sign_in.unwrap_or(self.sign_in_path())
    }

    /// The ways on from a built-in page. The start page is where the session's cookie is from.
    fn ways<'a>(&self, sign_in: &'a str) -> Ways<'a> {
        let home = self.0.spec.cookies.path;
        Ways { sign_in, home }
    }

    /// The app's own pages.
    pub(crate) fn pages(&self) -> &'static Pages {
        &self.0.spec.pages
    }

    /// Returns which attribute it is of.
    pub(crate) fn routes(&self) -> RoutesId {
        self.0.spec.routes
    }

    /// Returns what the attribute said.
    #[cfg(feature = "openapi")]
    pub(crate) fn spec(&self) -> &'static SpecParts {
        self.0.spec
    }

    /// Answers a request whose body nobody reads.
    async fn serve(&self, endpoint: Endpoint, request: &Parts) -> Response {
        self.serve_with_body(endpoint, request, &[]).await
    }

    /// Answers a request with [as much of a body](Endpoint::body_limit) as the endpoint reads.
    /// Whoever goes away before the answer leaves nothing half done.
    pub(crate) fn serve_with_body<'a>(
        &'a self,
        endpoint: Endpoint,
        request: &'a Parts,
        body: &[u8],
    ) -> Boxed<'a, Response> {
        let (auth, parts, body) = (self.clone(), request.clone(), body.to_vec());
        let answer = Box::pin(async move { auth.answer(endpoint, &parts, &body).await });
        Box::pin(async move {
            let span = endpoint.span();
            let answer = flow::to_the_end(answer).instrument(span.clone()).await;
            let mut response =
                answer.unwrap_or_else(|| self.refuse(SignInError::Internal.into(), request));
            span.record("status", response.status().as_u16());
            // The app's own answers to errors too: the URL of a callback has a code in it.
            harden(response.headers_mut());
            if endpoint == Endpoint::Session {
                // Its refusals too: they tell other sites as much.
                for_this_browser(response.headers_mut());
            }
            response
        })
    }

    async fn answer(&self, endpoint: Endpoint, request: &Parts, body: &[u8]) -> Response {
        let path = self.endpoints().find(|it| it.1 == endpoint);
        if let (Some(app), Some((path, _))) = (self.app(), path) {
            app.told.whereabouts.note(path, request);
        }
        if !endpoint.takes(&request.method) {
            let is_link = request.method == Method::GET && page::is_opened(&request.headers);
            if endpoint == Endpoint::Logout && is_link {
                let home = self.0.spec.cookies.path;
                return flow::logout_button(self.app().map(|app| &**app), request, home);
            }
            let allow = endpoint.allow();
            return self.refuse(Error::MethodNotAllowed { allow }, request);
        }
        if request.method == Method::HEAD && endpoint.acts() {
            return response::empty_to_head();
        }
        if endpoint.acts() && page::is_ahead(&request.headers) {
            return response::not_ahead();
        }
        let Some(app) = &self.0.app else {
            return self.refuse(endpoint.missing_configuration(), request);
        };
        if let Err(wait) = app.check_rate(endpoint, request).await {
            let retry_after = wait.as_secs();
            return self.refuse(Error::RateLimited { retry_after }, request);
        }
        let (mut cookies, why) = (Vec::new(), Why::default());
        let result = match endpoint {
            Endpoint::SignIn => flow::sign_in(app, request, &mut cookies)
                .await
                .map_err(Refused::by),
            Endpoint::Callback => flow::callback(app, request, &mut cookies, &why).await,
            Endpoint::FormCallback => {
                flow::form_callback(app, request, body, &mut cookies, &why).await
            }
            Endpoint::Logout => flow::logout(app, request, &mut cookies)
                .await
                .map_err(Refused::by),
            Endpoint::Refresh => flow::refresh(app, request, &mut cookies, &why)
                .await
                .map_err(Refused::by),
            Endpoint::Session => flow::session(app, request, &mut cookies, &why)
                .await
                .map_err(Refused::by),
            Endpoint::BackchannelLogout => flow::backchannel_logout(app, request, body, &why)
                .await
                .map_err(Refused::by),
            Endpoint::SignedOut => Ok(flow::signed_out(app, request, &mut cookies)),
            Endpoint::KeptForm => match request.method {
                Method::POST => flow::keep_form(app, request, body, &mut cookies).await,
                _ => flow::show_form(app, request, &mut cookies).await,
            }
            .map_err(Refused::by),
            Endpoint::ResourceMetadata => Ok(flow::resource_metadata(app)),
        };
        let mut response = result.unwrap_or_else(|refused| {
            let demand = Demand {
                cause: why.told().map(Cow::Borrowed),
                ..Demand::default()
            };
            self.answer_to(refused, request, &demand)
        });
        for cookie in cookies {
            response
                .headers_mut()
                .append(http::header::SET_COOKIE, cookie);
        }
        response
    }

    /// The answer to an error, as [`answer_to`](Self::answer_to) says.
    pub(crate) fn refuse(&self, error: Error, request: &Parts) -> Response {
        self.answer_to(Refused::by(error), request, &Demand::default())
    }

    /// The same, by a guard.
    pub(crate) fn refuse_by(
        &self,
        error: GuardError,
        request: &Parts,
        demand: &Demand<'_>,
    ) -> Response {
        self.answer_to(Refused::by(error), request, demand)
    }

    /// The answer to a refusal: the app's own where `on_error` has one; else, for a person, where they are led
    /// back to, or a page; and JSON for all others.
    fn answer_to(&self, refused: Refused, request: &Parts, demand: &Demand<'_>) -> Response {
        let Refused { error, back } = refused;
        self.note_refusal(error, request, demand);
        if let Some(own) = self.own_answer(error, request) {
            return own;
        }
        if !self.is_page(error, &request.headers) {
            return error.response();
        }
        match back.or_else(|| self.pages().of(error, request.uri.path())) {
            Some(page) => response::see_other(&page),
            None => page::of(error, self.ways(self.sign_in_page())),
        }
    }

    /// The page for a person who has to sign in first and would go round if they were sent to do so: who has
    /// just cancelled a sign-in, or asks for the page that it begins at. `to` is where it begins.
    pub(crate) fn ask_to_sign_in(
        &self,
        error: GuardError,
        request: &Parts,
        demand: &Demand<'_>,
        to: &str,
        is_cancelled: bool,
    ) -> Response {
        let error = error.into();
        self.note_refusal(error, request, demand);
        let own = self.own_answer(error, request);
        own.unwrap_or_else(|| match is_cancelled {
            true => page::cancelled(error, self.ways(to)),
            false => page::of(error, self.ways(to)),
        })
    }

    /// What the app's `on_error` answers, if it does.
    fn own_answer(&self, error: Error, request: &Parts) -> Option<Response> {
        let named = self.0.spec.on_error;
        let by_name = named.and_then(|hook| hook.on_error(&error, request));
        let mut response =
            by_name.or_else(|| self.0.hooks.on_error.get()?.on_error(&error, request))?;
        no_store(response.headers_mut());
        Some(response)
    }

    /// Returns whether a person meets the error. What signed-out visitors get is told by `unauthenticated`, where a
    /// page is chosen or not; whoever shows a token is told as clients are.
    fn is_page(&self, error: Error, headers: &HeaderMap) -> bool {
        let is_chosen = matches!(
            error,
            Error::Guard(GuardError::Unauthenticated | GuardError::ReauthenticationRequired)
        );
        !is_chosen && page::is_opened(headers) && !self.is_bearer(headers)
    }

    /// Into the log, and to the app's witness.
    pub(crate) fn note_refusal(&self, error: Error, request: &Parts, demand: &Demand<'_>) {
        static REFUSALS: log::Kinds = log::Kinds::new();
        let (status, code) = (error.status(), error.code());
        metrics::refusal(code);
        let Demand {
            asked,
            has,
            user,
            session,
            cause,
            reason,
            peer,
        } = demand;
        let cause = cause.as_deref();
        let path = path_of(request);
        let (method, asked, has) = (&request.method, asked.as_deref(), has.as_deref());
        if error.is_of_foreign_page() {
            let app = self.app().map(|app| app.config.origins.app());
            log::warn!(
                %method, path, code, user, app,
                asked_by = origin::asker(&request.headers),
                "a page of another origin asked to change something, and was refused: where it is the app's own, \
                 write `cross_origin = allow(\"https://...\")`"
            );
        } else if let Some(left_out) = REFUSALS.admit(code) {
            macro_rules! tell {
                ($level:ident) => {
                    tracing::$level!(
                        left_out, %status, code, %method, path, asked, has, user, cause, "refused"
                    )
                };
            }
            let is_strangers = matches!(error, Error::Guard(_)) && status.is_client_error();
            match (status.is_server_error(), cause) {
                (_, Some(_)) if !is_strangers => tell!(warn),
                (true, _) => tell!(error),
                (false, _) => tell!(info),
            }
        }
        self.emit(&Event::Refused {
            error: &error,
            method,
            path,
            client: self.app().and_then(|app| {
                let peer = peer.or_else(|| ClientAddr::of(&request.extensions));
                app.client_by(peer, request)
            }),
            user_id: *user,
            session: *session,
            policy: asked,
            reason: *reason,
            at: self
                .app()
                .map_or_else(|| Clock::default().now(), |app| app.clock.now()),
        });
    }

    /// Returns what signed-out visitors get, where a guard does not say.
    pub(crate) fn unauthenticated(&self) -> Unauthenticated {
        self.0.spec.unauthenticated
    }

    /// Tells the app's witness, where it has one.
    pub(crate) fn emit(&self, event: &Event<'_>) {
        if let Some(hook) = self.0.spec.on_event {
            hook.on_event(event);
        }
        if let Some(hook) = self.0.hooks.on_event.get() {
            hook.on_event(event);
        }
    }

    /// Returns whether another origin's page asks to change something, with the cookies of its visitor.
    pub(crate) fn is_foreign(&self, request: &Parts) -> bool {
        self.app().is_some_and(|app| app.is_foreign(request))
    }

    /// Returns whether requests may show access tokens.
    pub(crate) fn takes_tokens(&self) -> bool {
        self.app().is_some_and(|app| app.takes_tokens())
    }

    /// Returns whether a request is judged by its bearer token.
    pub(crate) fn is_bearer(&self, headers: &HeaderMap) -> bool {
        self.app()
            .is_some_and(|app| app.bearer_credentials(headers).is_some())
    }

    pub(crate) fn app(&self) -> Option<&Arc<App>> {
        self.0.app.as_ref()
    }
}

/// Sets a hook that is there once.
fn set_once<T>(name: &'static str, place: &OnceLock<T>, hook: T) {
    if place.set(hook).is_err() {
        tracing::error!(name, "a hook is set already; the second one is not used");
    }
}

fn shuts_down<T>() -> Result<T, StateError> {
    Err(StateError::new("the runtime shuts down"))
}

impl From<&Auth> for GuardError {
    /// Returns what a guard refuses with where there is no session.
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
            .field(
                "issuer",
                &config.map(|config| config.client.issuer.as_str()),
            )
            .field("client_id", &config.map(|config| &config.client.id))
            .field("redirect_uri", &self.redirect_uri())
            .finish_non_exhaustive()
    }
}
