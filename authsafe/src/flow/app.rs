//! What a configured app has, and what every flow asks of it.

use core::net::IpAddr;
use core::time::Duration;
use std::sync::{Arc, OnceLock};

use http::header::{HeaderMap, HeaderValue, UPGRADE};
use http::request::Parts;
use tokio::runtime::Handle;

use super::clients::Clients;
use super::nesting::Whereabouts;
use super::told::{Lacking, Told};
use crate::clock::Clock;
use crate::config::{Config, Problem, StartError};
use crate::endpoint::{ClientAddr, Endpoint};
use crate::error::{CallbackError, ProviderError};
use crate::lifecycle::{Context, Sessions};
use crate::log::{self, metrics};
use crate::protocol::authorization_header::{self, Credentials};
use crate::protocol::grants::{Grants, GrantsError};
use crate::protocol::{logout_token, origin};
use crate::provider::{Provider, StartProblem, Timeouts};
use crate::session::Session;
use crate::spec::{CrossOrigin, Event, Hooks, Occasion};
use crate::spec::{SpecParts, StoreSpec};
use crate::state::{BearerTokens, LatestStates, Revocations, SingleFlight, UsedOnce};
use crate::store::{StateError, prefix};
use crate::types::{Location, Subject, Token, spawn};

/// What a configured app has.
pub(crate) struct App {
    pub(crate) spec: &'static SpecParts,
    pub(crate) config: Config,
    pub(crate) provider: Provider,
    pub(crate) clock: Clock,
    pub(crate) sessions: Arc<Sessions>,
    /// `None`: no bearer tokens are taken.
    pub(super) bearer_tokens: Option<BearerTokens>,
    pub(crate) hooks: Arc<Hooks>,
    pub(super) used: Used,
    pub(crate) clients: Clients,
    pub(crate) told: Told,
}

/// What a callback brings: the way on, a path of the app, and the cookies of the new session.
pub(super) struct SignedIn {
    pub(super) landing: Location,
    pub(super) cookies: Vec<HeaderValue>,
}

impl SignedIn {
    /// Encodes it for another machine: a line each, which neither a path nor a cookie breaks.
    pub(super) fn encode(&self) -> Option<String> {
        let mut lines = vec![self.landing.as_str()];
        for cookie in &self.cookies {
            lines.push(cookie.to_str().ok()?);
        }
        Some(lines.join("\n"))
    }

    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        Some(Self {
            landing: Location::of_app(lines.next()?),
            cookies: lines
                .map(HeaderValue::from_str)
                .collect::<Result<_, _>>()
                .ok()?,
        })
    }
}

/// What this process takes once.
pub(super) struct Used {
    /// Each callback is answered once.
    pub(super) sign_ins: UsedOnce,
    /// The callbacks that are answered now, by the label of their transaction.
    pub(super) callbacks: SingleFlight<SignedIn, CallbackError, (), String>,
    pub(super) logout_tokens: UsedOnce,
}

impl App {
    /// Reads the configuration and asks the provider; tells whether that was reached.
    pub(crate) async fn start(
        spec: &'static SpecParts,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<(Self, Option<ProviderError>), StartError> {
        let (config, provider, mut sessions) = configure(spec, lookup, &clock)?;
        let mut problems = Vec::new();
        if let StoreSpec::Custom(source) = spec.session.store {
            match source.open().await {
                Ok(records) => sessions.keep_in(records),
                Err(error) => problems.push(Problem::store(&error)),
            }
        }
        if config.redis.is_some()
            && let Some(cluster) = sessions.cluster()
            && let Err(error) = cluster.answers().await
        {
            log::warn!(
                setting = "shared_state(redis)",
                variable = spec.shared_state.redis.variable(),
                %error,
                "the Redis does not answer; the app starts, and asks it again with each request that needs it. \
                 Start it, or write the URL of one that runs, like `rediss://:password@redis.example.com`"
            );
        }
        let unreachable = match provider.start().await {
            Ok(()) => None,
            Err(StartProblem::Unreachable(error)) => Some(error),
            Err(StartProblem::Wrong(all)) => {
                let domain = config.client.domain.as_str();
                let wrong = all.iter().map(|it| Problem::provider(spec, domain, it));
                problems.extend(wrong);
                None
            }
        };
        match problems.is_empty() {
            true => Ok((
                Self::new(spec, config, provider, sessions, clock),
                unreachable,
            )),
            false => Err(StartError::new(problems)),
        }
    }

    /// Reads the configuration, and asks nobody.
    #[cfg(feature = "testing")]
    pub(crate) fn prepare(
        spec: &'static SpecParts,
        lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
        clock: Clock,
    ) -> Result<Self, StartError> {
        let (config, provider, sessions) = configure(spec, lookup, &clock)?;
        Ok(Self::new(spec, config, provider, sessions, clock))
    }

    fn new(
        spec: &'static SpecParts,
        config: Config,
        provider: Provider,
        sessions: Sessions,
        clock: Clock,
    ) -> Self {
        let max_age = spec.session.max_age;
        let bearer_tokens = config.bearer.as_ref();
        let bearer_tokens = bearer_tokens.map(|bearer| BearerTokens::new(bearer.max_age, max_age));
        Self {
            spec,
            told: Told::new(Whereabouts::new(
                spec.base_path,
                &config.client.redirect_uri,
            )),
            clients: Clients::new(&spec.rate_limit, config.proxies.clone(), &clock),
            config,
            provider,
            clock,
            sessions: Arc::new(sessions),
            bearer_tokens,
            hooks: Arc::default(),
            used: Used {
                sign_ins: UsedOnce::new(spec.session.transaction),
                callbacks: SingleFlight::without_memory(),
                logout_tokens: UsedOnce::new(logout_token::MEMORY),
            },
        }
    }

    /// Returns whether requests may show access tokens.
    pub(crate) fn takes_tokens(&self) -> bool {
        self.config.bearer.is_some()
    }

    /// Returns the credentials that a request is judged by alone. `None`: it is judged by its cookie.
    pub(crate) fn bearer_credentials<'r>(&self, headers: &'r HeaderMap) -> Option<Credentials<'r>> {
        match self.takes_tokens() {
            true => authorization_header::credentials(headers),
            false => None,
        }
    }

    /// Returns whether another origin's page asks to change something, with the cookies of its visitor.
    pub(crate) fn is_foreign(&self, request: &Parts) -> bool {
        let headers = &request.headers;
        origin::may_change(&request.method, headers)
            && !self.is_unchecked(headers)
            && self.bearer_credentials(headers).is_none()
            && !self.config.origins.made(headers)
    }

    /// Returns the address of the client, as far as it can be known.
    pub(crate) fn client_address(&self, request: &Parts) -> Option<IpAddr> {
        self.client_by(ClientAddr::of(&request.extensions), request)
    }

    /// The same, where it came in from this address.
    pub(crate) fn client_by(&self, peer: Option<IpAddr>, request: &Parts) -> Option<IpAddr> {
        self.clients.client(peer, &request.headers)
    }

    /// Returns when an event is, and by which request.
    pub(super) fn occasion<'r>(&self, request: &'r Parts) -> Occasion<'r> {
        Occasion::of(request, self.client_address(request), self.clock.now())
    }

    /// Returns whether the app has a check of its own for a request. It has none for a WebSocket, whose
    /// handshake carries nothing that a page's script could add.
    fn is_unchecked(&self, headers: &HeaderMap) -> bool {
        matches!(self.spec.cross_origin, CrossOrigin::Unchecked) && !headers.contains_key(UPGRADE)
    }

    /// Checks that whoever asks has not asked an endpoint too often. `Err`: how long they have to wait.
    pub(crate) async fn check_rate(
        &self,
        endpoint: Endpoint,
        request: &Parts,
    ) -> Result<(), Duration> {
        let peer = ClientAddr::of(&request.extensions);
        let cluster = self.sessions.cluster();
        self.clients
            .check_rate(endpoint, peer, &request.headers, cluster)
            .await
    }

    /// Revokes a refresh token (RFC 7009) while nobody waits for it.
    pub(crate) fn revoke_in_background(self: &Arc<Self>, refresh_token: Option<Token>) {
        // Where the runtime has stopped there is nobody left to do it.
        if let (Some(refresh_token), Ok(_)) = (refresh_token, Handle::try_current()) {
            let app = Arc::clone(self);
            spawn(Box::pin(async move {
                app.provider.revoke(&refresh_token).await
            }));
        }
    }

    /// Returns what an access token grants, if it does; says, once, why the provider's do not, or not all
    /// that they say.
    pub(super) fn known_grants(
        &self,
        grants: Result<Option<Grants>, GrantsError>,
    ) -> Option<Grants> {
        self.told.access_token(&grants);
        grants.unwrap_or_default()
    }

    /// Says what to write where a `sub` looks like one of AuthSafe's, and is taken as it is spelt: in
    /// the other spelling it would be another user, and a logout that ends nothing.
    pub(super) fn tell_of_spelling(&self, sub: &Subject) {
        // On http it is a provider of this machine, for tests.
        if sub.may_miss_a_spelling() && self.config.client.issuer.is_https() {
            self.told.spelling();
        }
    }

    /// Says what to write where a guard asks for what nothing that the app requests can bring.
    pub(crate) fn tell_of_unrequested(&self, lacking: Lacking) {
        let (scopes, claims) = (self.spec.scopes, self.spec.claims);
        let adds_roles = || self.hooks.on_sign_in.get().is_some();
        let is_brought = match lacking {
            Lacking::Scope(scope) => scopes.contains(&scope),
            Lacking::Roles => scopes.contains(&"roles") || !claims.roles.is_empty() || adds_roles(),
            Lacking::Permissions => {
                scopes.contains(&"permissions") || !claims.permissions.is_empty()
            }
        };
        if !is_brought {
            self.told.unrequested(lacking);
        }
    }

    /// Returns whether a session is this user's. Then its refresh token is not revoked for the sake of another
    /// session of theirs: at some providers all of a user's refresh tokens at a client are one grant, and end
    /// together (RFC 7009 §2.1).
    pub(super) fn is_user(&self, session: &Session, user_id: &str) -> bool {
        let subjects = self.config.client.subjects;
        subjects.of(session.user().id()) == subjects.of(user_id)
    }

    pub(crate) fn emit(&self, event: &Event<'_>) {
        match event {
            Event::SignInStarted { .. } => metrics::sign_in_started(),
            Event::SignedIn { .. } => metrics::sign_in(),
            Event::SignedOut { .. } => metrics::sign_out(),
            _ => {}
        }
        if let Some(hook) = self.spec.on_event {
            hook.on_event(event);
        }
        if let Some(hook) = self.hooks.on_event.get() {
            hook.on_event(event);
        }
    }
}

/// Reads the configuration.
fn configure(
    spec: &'static SpecParts,
    lookup: &(dyn Fn(&str) -> Option<String> + Send + Sync),
    clock: &Clock,
) -> Result<(Config, Provider, Sessions), StartError> {
    let config = Config::read(spec, lookup)?;
    let client = Arc::clone(&config.client);
    let timeouts = Timeouts::of(spec.provider.timeout);
    let provider = Provider::new(client, config.ca_file.as_deref(), timeouts, clock.clone())
        .map_err(|error| {
            let problem = Problem::http(spec, config.ca_file.as_deref(), &error);
            StartError::new(vec![problem])
        })?;
    let tokens = spec.bearer.map_or(Duration::ZERO, |bearer| bearer.max_age);
    let memory = spec.session.max_age.max(tokens);
    let mut sessions = Sessions::new(Context {
        spec: spec.session,
        cookies: config.cookies.clone(),
        keys: Arc::clone(&config.keys),
        clock: clock.clone(),
        subjects: config.client.subjects,
        memory,
        fail_closed: spec.shared_state.fail_closed,
        prefix: prefix(config.client.issuer.as_str(), &config.client.id),
        cluster: OnceLock::new(),
        latest: LatestStates::new(),
        revocations: Revocations::new(memory),
        said_long: std::sync::Once::new(),
    });
    connect_shared_state(spec, &config, &mut sessions)
        .map_err(|error| StartError::new(vec![Problem::redis(spec, &error)]))?;
    Ok((config, provider, sessions))
}

fn connect_shared_state(
    spec: &SpecParts,
    config: &Config,
    sessions: &mut Sessions,
) -> Result<(), StateError> {
    let is_store = matches!(spec.session.store, StoreSpec::Redis);
    let Some(url) = &config.redis else {
        return match is_store {
            true => Err(StateError::new(
                "no URL is set, and sessions are to be kept there",
            )),
            false => Ok(()),
        };
    };
    #[cfg(feature = "redis")]
    {
        use secrecy::ExposeSecret;
        let redis = crate::store::Redis::new(url.expose_secret(), spec.shared_state.prefix)?;
        if is_store {
            sessions.keep_in(Arc::new(redis.clone()));
        }
        sessions.share(Arc::new(redis));
        Ok(())
    }
    #[cfg(not(feature = "redis"))]
    {
        let _ = (url, sessions);
        Err(StateError::new(
            "a URL is set, and authsafe is built without its feature `redis`",
        ))
    }
}
