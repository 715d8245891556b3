//! The provider as the flows see it: its metadata and its keys, cached; its endpoints, called.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Arc, Once};

use jsonwebtoken::jwk::JwkSet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::cache::{self, Ages, Cached, Found};
use super::client_auth::{Answered, AsClient, TakenMethods};
use super::http::{Fetched, Http, HttpStartError};
use super::refusals::{PAUSE, Refusals};
use super::unknown_keys::{Permission, Sender, UnknownKeys};
use crate::clock::Clock;
use crate::error::ProviderError;
use crate::log::{self, metrics};
use crate::protocol::client::ClientRegistration;
use crate::protocol::client_auth;
use crate::protocol::discovery::{Asked, Document, Hint, Metadata, Wrong, document_url};
use crate::protocol::jwks::{self, MayLackKey};
use crate::protocol::refusal::Refusal;
use crate::protocol::token_endpoint::{self, TokenError, TokenSet};
use crate::types::{CodeVerifier, Token};

/// The ages of metadata: what was right an hour ago serves while there is nothing newer.
const METADATA_AGES: Ages = Ages {
    renewal: Duration::from_secs(3600),
    end: None,
    pause: Duration::from_secs(60),
};
/// The ages of keys: one that the provider withdrew is gone after the hour.
const KEYS_AGES: Ages = Ages {
    renewal: Duration::from_secs(2700),
    end: Some(Duration::from_secs(3600)),
    pause: Duration::from_secs(60),
};
/// The time after a failed fetch of the keys in which no unknown key is looked for.
const KEYS_FAILED_PAUSE: Duration = Duration::from_secs(2);

/// The longest time for which no refresh token is exchanged at the word of one answer (`Retry-After`), in seconds.
const LONGEST_REST: u64 = 60;

/// How long the provider has for an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    pub(crate) call: Duration,
    /// For the exchange of a code, which cannot be asked for again.
    pub(crate) exchange: Duration,
}

impl Timeouts {
    /// Where the attribute does not say.
    pub(crate) const DEFAULT: Self = Self {
        call: Duration::from_secs(5),
        exchange: Duration::from_secs(10),
    };

    /// Returns what the attribute says, of each call.
    pub(crate) fn of(written: Option<Duration>) -> Self {
        written.map_or(Self::DEFAULT, |it| Self {
            call: it,
            exchange: it,
        })
    }
}

/// A provider as one client of it knows it: the client's registration, and what is remembered of the
/// provider.
#[derive(Debug)]
pub(crate) struct Provider {
    client: Arc<ClientRegistration>,
    pub(super) http: Http,
    /// The same, for the exchange of a code.
    exchange: Http,
    clock: Clock,
    metadata: Cached<Metadata>,
    keys: Cached<JwkSet>,
    unknown_keys: UnknownKeys,
    taken_methods: TakenMethods,
    /// The client's id and secret as they are in a header.
    in_header: Option<SecretString>,
    /// Those of the token endpoint.
    refusals: Refusals,
    /// When the token endpoint, to which too many have come, may be asked for new tokens again.
    rests_until: AtomicU64,
    pub(super) introspection_refusals: Refusals,
    /// Whether it has been said that there is no UserInfo endpoint.
    pub(super) lacks_userinfo: Once,
}

/// One search for the provider's metadata.
struct Discovery {
    http: Http,
    client: Arc<ClientRegistration>,
    /// Whether the metadata was found before.
    is_known: bool,
}

/// The reason that a provider cannot be used.
#[derive(Debug)]
pub(crate) enum StartProblem {
    /// It cannot be reached now; later it may be.
    Unreachable(ProviderError),
    /// It was reached, and is not what sign-in needs.
    Wrong(Vec<Wrong>),
}

impl Provider {
    pub(crate) fn new(
        client: Arc<ClientRegistration>,
        ca_file: Option<&str>,
        timeouts: Timeouts,
        clock: Clock,
    ) -> Result<Self, HttpStartError> {
        // Where an app's other crates turn on both of jsonwebtoken's back ends, neither is the
        // default and verifying panics; where one is installed already, it is as good.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let http = Http::new(ca_file, timeouts.call, clock.clone())?;
        let secret = client.secret.as_ref();
        let in_header = secret.map(|secret| client_auth::pair(&client.id, secret));
        Ok(Self {
            client,
            exchange: http.within(timeouts.exchange),
            http,
            metadata: Cached::new(clock.clone(), METADATA_AGES),
            keys: Cached::new(clock.clone(), KEYS_AGES),
            unknown_keys: UnknownKeys::default(),
            taken_methods: TakenMethods::default(),
            in_header,
            refusals: Refusals::new(clock.clone()),
            rests_until: AtomicU64::new(0),
            introspection_refusals: Refusals::new(clock.clone()),
            lacks_userinfo: Once::new(),
            clock,
        })
    }

    /// Returns what the app is at this provider.
    pub(crate) fn client(&self) -> &ClientRegistration {
        &self.client
    }

    /// Asks the provider who it is, and checks the answer.
    pub(crate) async fn start(&self) -> Result<(), StartProblem> {
        let metadata = self.discovery(false).ask().await?;
        self.metadata.put(metadata);
        Ok(())
    }

    /// Returns the metadata if it is remembered, however old: for those who cannot wait.
    pub(crate) fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.metadata.known()
    }

    /// Returns the metadata: remembered, or asked for now.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        let is_known = self.metadata.known().is_some();
        let fetch = || self.discovery(is_known).fetch();
        let found = self.metadata.get(fetch).await?;
        metrics::cache("metadata", !found.is_new);
        Ok(found.value)
    }

    fn discovery(&self, is_known: bool) -> Discovery {
        Discovery {
            http: self.http.clone(),
            client: Arc::clone(&self.client),
            is_known,
        }
    }

    /// Returns the provider's keys.
    pub(crate) async fn keys(&self, metadata: &Metadata) -> Result<Arc<JwkSet>, ProviderError> {
        let fetch = || fetch_keys(self.http.clone(), metadata.jwks.clone());
        let found = self.keys.get(fetch).await?;
        metrics::cache("keys", !found.is_new);
        Ok(found.value)
    }

    /// Returns what `check` makes of a token by the provider's keys; by newer ones where the token's
    /// is not among them, since the provider may have changed them after we asked. `Err`: its key is
    /// not known, and cannot be looked for now; that says nothing of the token. A wrong signature under a
    /// known name has them asked for as seldom, and is wrong while there is nothing newer.
    pub(crate) async fn check<T, E: MayLackKey>(
        &self,
        metadata: &Metadata,
        token: &str,
        sender: Sender,
        check: impl Fn(&JwkSet) -> Result<T, E>,
    ) -> Result<Result<T, E>, ProviderError> {
        let fetch = || fetch_keys(self.http.clone(), metadata.jwks.clone());
        let Found { value, is_new } = self.keys.get(fetch).await?;
        metrics::cache("keys", !is_new);
        let checked = check(&value);
        let lacks_key = matches!(&checked, Err(error) if error.lacks_key());
        // Keys that came just now are the newest that there are.
        let is_wrong = matches!(&checked, Err(error) if error.has_wrong_signature());
        if is_new || !(lacks_key || is_wrong) {
            return Ok(checked);
        }
        if let Some(error) = self.keys.failed_within(KEYS_FAILED_PAUSE) {
            return if is_wrong { Ok(checked) } else { Err(error) };
        }
        let (kid, now) = (jwks::kid(token), self.clock.passed());
        let begin = || self.keys.begin(fetch);
        match self.unknown_keys.look(sender, kid.as_deref(), now, begin) {
            Permission::Granted(fetch) => {
                let newer = cache::ended(fetch).await.inspect_err(|_| {
                    self.unknown_keys.failed(sender, kid.as_deref());
                });
                match newer {
                    Ok(newer) => Ok(check(&newer)),
                    Err(_) if is_wrong => Ok(checked),
                    Err(error) => Err(error),
                }
            }
            // By others, who may be at it still.
            Permission::LookedLately => match self.keys.settled().await {
                Ok(Some(newest)) => Ok(check(&newest)),
                Ok(None) => Ok(checked),
                Err(_) if is_wrong => Ok(checked),
                Err(error) => Err(error),
            },
            Permission::TooMany if is_wrong => Ok(checked),
            Permission::TooMany => {
                log::warn!("more tokens with unknown keys come than keys are looked for");
                Err(ProviderError::Unavailable)
            }
        }
    }

    /// Exchanges a code, once.
    pub(crate) async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &CodeVerifier,
    ) -> Result<TokenSet, TokenError> {
        let form = token_endpoint::exchange(code, &self.client.redirect_uri, verifier);
        self.ask_for_tokens(&self.exchange, metadata, &form).await
    }

    /// Exchanges a refresh token; asks nobody where the token endpoint has refused us a moment ago, or has
    /// said when it may be asked again.
    pub(crate) async fn refresh(
        &self,
        metadata: &Metadata,
        refresh_token: &Token,
    ) -> Result<TokenSet, TokenError> {
        if self.refusals.is_fresh() {
            return Err(TokenError::Refused(Refusal::of_client()));
        }
        if let Some(rest) = self.rest() {
            let retry_after = Some(rest);
            return Err(ProviderError::RateLimited { retry_after }.into());
        }
        let form = token_endpoint::refresh(refresh_token);
        let answered = self.ask_for_tokens(&self.http, metadata, &form).await;
        if let Err(TokenError::Transport(ProviderError::RateLimited { retry_after })) = answered {
            let rest = retry_after.unwrap_or_default().min(LONGEST_REST);
            let rest = rest.max(self.rest().unwrap_or_default());
            let until = self.clock.now() + rest;
            self.rests_until.store(until, Ordering::Relaxed);
        }
        answered
    }

    /// Returns how many seconds the token endpoint is to be left alone. More than it ever is: somebody has set the
    /// clock back.
    fn rest(&self) -> Option<u64> {
        let until = self.rests_until.load(Ordering::Relaxed);
        let rest = until.saturating_sub(self.clock.now());
        (1..=LONGEST_REST).contains(&rest).then_some(rest)
    }

    async fn ask_for_tokens(
        &self,
        http: &Http,
        metadata: &Metadata,
        form: &[(&str, &str)],
    ) -> Result<TokenSet, TokenError> {
        let client = self.as_client(http, metadata);
        let Answered {
            answer,
            knows_no_client,
        } = client.post(&metadata.token, form).await?;
        let read = match knows_no_client {
            true => Err(TokenError::Refused(Refusal::of_client())),
            false => token_endpoint::read(&answer, &self.sent(form)),
        };
        match &read {
            Ok(_) => self.refusals.note_acceptance(),
            Err(TokenError::Refused(refusal)) if refusal.is_of_client() => self.note_refusal(),
            Err(_) => {}
        }
        read
    }

    /// Returns what is sent with a form: what the provider says is told without it.
    pub(super) fn sent<'a>(&'a self, form: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let secret = self.client.secret.as_ref().map(ExposeSecret::expose_secret);
        let in_header = self.in_header.as_ref().map(ExposeSecret::expose_secret);
        let secrets = secret.into_iter().chain(in_header);
        let secrets = secrets.map(|it| ("client_secret", it));
        form.iter().copied().chain(secrets).collect()
    }

    pub(super) fn as_client<'a>(&'a self, http: &'a Http, metadata: &'a Metadata) -> AsClient<'a> {
        AsClient {
            client: &self.client,
            taken: &self.taken_methods,
            http,
            metadata,
        }
    }

    /// Returns whether the token endpoint's last answer refused the app's own credentials. Then it is
    /// the app that is refused, and no session of it.
    pub(crate) fn refuses_us(&self) -> bool {
        self.refusals.is_last_word()
    }

    fn note_refusal(&self) {
        if self.refusals.note() {
            log::error!(
                "the provider refuses this app's own credentials: sessions are not \
                 refreshed, and it is asked again every {} seconds; are AUTHSAFE_CLIENT_ID and \
                 AUTHSAFE_CLIENT_SECRET what it knows?",
                PAUSE.as_secs()
            );
        }
    }

    /// Revokes a refresh token (RFC 7009 §2.1). A failure is logged: there is nobody to tell.
    pub(crate) async fn revoke(&self, refresh_token: &Token) {
        let Ok(metadata) = self.metadata().await else {
            log::warn!("the refresh token was not revoked: the provider is not available");
            return;
        };
        let Some(url) = &metadata.revocation else {
            return;
        };
        let pairs = [
            ("token", refresh_token.expose_secret()),
            ("token_type_hint", "refresh_token"),
        ];
        let client = self.as_client(&self.http, &metadata);
        match client.post(url, &pairs).await {
            Ok(Answered { answer, .. }) if answer.status().is_success() => {}
            Ok(Answered { answer, .. }) => {
                let refusal = Refusal::of(&answer, &self.sent(&pairs));
                log::warn!(answer = %refusal, url = url.as_str(), "the refresh token was not revoked");
            }
            Err(error) => log::warn!(%error, "the refresh token was not revoked"),
        }
    }
}

impl Discovery {
    async fn ask(&self) -> Result<Metadata, StartProblem> {
        let client = &self.client;
        let asked = Asked {
            issuer: &client.issuer,
            by_hand: &client.endpoints,
            tenants: client.tenants,
            algorithms: client.algorithms.as_deref(),
            http: client.http,
        };
        if asked.by_hand.are_complete() {
            let issuer = client.undiscovered_issuer();
            return Metadata::by_hand(asked, issuer).map_err(StartProblem::Wrong);
        }
        let url = document_url(&client.domain);
        match self.http.get_json::<Document>("discovery", &url).await {
            Ok(Fetched::Document(document)) => Metadata::check(&document, asked),
            // A document that was there before is missing, not moved: only a provider that never
            // had one is taken for one with fixed paths.
            Ok(Fetched::Nothing) if self.is_known => {
                log::warn!(url, "the provider's discovery document is gone (404)");
                return Err(StartProblem::Unreachable(ProviderError::BadAnswer));
            }
            Ok(Fetched::Nothing) if client.has_fixed_paths => {
                Metadata::authsafe(&client.domain, asked, client.undiscovered_issuer())
            }
            Ok(Fetched::Nothing) => {
                let hint = Hint::of(&client.domain);
                Err(vec![Wrong::NoDocument(url, hint)])
            }
            // A proxy's page, or a document that is cut off: as if it did not answer.
            Ok(Fetched::Garbled(answer)) => {
                log::warn!(%answer, url, "what is served there is no discovery document");
                return Err(StartProblem::Unreachable(ProviderError::BadAnswer));
            }
            Ok(Fetched::Refused(status)) if self.is_known => {
                log::warn!(%status, url, "the provider does not serve its document");
                return Err(StartProblem::Unreachable(ProviderError::BadAnswer));
            }
            Ok(Fetched::Refused(status)) => {
                let hint = Hint::of(&client.domain);
                Err(vec![Wrong::NotServed(url, status.as_u16(), hint)])
            }
            Err(error) => return Err(StartProblem::Unreachable(error)),
        }
        .inspect(|metadata| self.tell_of_gaps(metadata))
        .map_err(StartProblem::Wrong)
    }

    /// Says what of a document is left out, when it is first there.
    fn tell_of_gaps(&self, metadata: &Metadata) {
        if !self.is_known && !metadata.left_out.is_empty() {
            let left_out = metadata.left_out.join(", ");
            log::warn!(
                members = left_out,
                "of the provider's discovery document is left out what is not what it should be"
            );
        }
    }

    /// Asks as [`ask`](Self::ask) does, and logs what is wrong.
    async fn fetch(self) -> Result<Metadata, ProviderError> {
        self.ask().await.map_err(|problem| match problem {
            // The call has said why.
            StartProblem::Unreachable(error) => error,
            StartProblem::Wrong(wrong) => {
                for wrong in wrong {
                    log::error!(%wrong, "the provider cannot be used");
                }
                ProviderError::BadAnswer
            }
        })
    }
}

async fn fetch_keys(http: Http, url: Url) -> Result<JwkSet, ProviderError> {
    let fetched = http.get_json::<jwks::Document>("jwks", url.as_str()).await;
    match fetched {
        Ok(Fetched::Document(document)) => document.usable().ok_or_else(|| {
            log::warn!(
                url = url.as_str(),
                "of the provider's keys none can be used"
            );
            ProviderError::BadAnswer
        }),
        Ok(Fetched::Nothing) => {
            log::warn!(url = url.as_str(), "no keys are there (404)");
            Err(ProviderError::BadAnswer)
        }
        Ok(Fetched::Refused(status)) => {
            log::warn!(%status, url = url.as_str(), "the provider does not serve its keys");
            Err(ProviderError::BadAnswer)
        }
        Ok(Fetched::Garbled(answer)) => {
            log::warn!(%answer, url = url.as_str(), "what is served there are no keys");
            Err(ProviderError::BadAnswer)
        }
        // The call has said why.
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::testing;
    use http::Uri;
    use http::header::CONTENT_TYPE;
    use serde_json::json;
    use url::form_urlencoded;

    /// Serves a provider that answers with what it was asked; returns its issuer.
    async fn serve() -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let here = issuer.clone();
        let answer = async move |uri: Uri, form: String| {
            let form: Vec<_> = form_urlencoded::parse(form.as_bytes()).collect();
            let value = |name| {
                form.iter()
                    .find_map(|(key, it)| (key == name).then_some(it))
            };
            let client = (value("client_id"), value("client_secret"));
            let answer = match uri.path() {
                "/.well-known/openid-configuration" => json!({
                    "issuer": here,
                    "authorization_endpoint": format!("{here}/authorize"),
                    "token_endpoint": format!("{here}/token"),
                    "introspection_endpoint": format!("{here}/introspect"),
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                    "jwks_uri": format!("{here}/jwks"),
                }),
                "/token" => json!({
                    "access_token": json!([here, client, value("redirect_uri")]).to_string(),
                    "token_type": "Bearer",
                }),
                _ => json!({"client": [here, client]}),
            };
            ([(CONTENT_TYPE, "application/json")], answer.to_string())
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        issuer
    }

    /// Returns what a provider is told at each of its endpoints.
    async fn told(provider: &Provider) -> [String; 3] {
        provider.start().await.unwrap();
        let metadata = provider.metadata().await.unwrap();
        let verifier = CodeVerifier::new([0; 32]);
        let code = provider.exchange(&metadata, "code", &verifier);
        let code = code.await.ok().unwrap().tokens.access;
        let token = Token::new("token");
        let refreshed = provider.refresh(&metadata, &token);
        let refreshed = refreshed.await.ok().unwrap().tokens.access;
        let introspected = provider.introspect(&metadata, "token").await.unwrap();
        [
            code.expose_secret().to_owned(),
            refreshed.expose_secret().to_owned(),
            introspected.unwrap()["client"].to_string(),
        ]
    }

    #[tokio::test]
    async fn two_providers_in_one_process_are_each_told_their_own_client() {
        let issuers = [serve().await, serve().await];
        let provider = |id: &str, issuer: &String| {
            let mut client = testing::client(id, issuer);
            client.redirect_uri = format!("https://{id}.example/callback");
            Provider::new(
                Arc::new(client),
                None,
                Timeouts::DEFAULT,
                Clock::at(1_800_000_000),
            )
            .unwrap()
        };
        let shop = provider("shop", &issuers[0]);
        let staff = provider("staff", &issuers[1]);
        let (shop, staff) = tokio::join!(told(&shop), told(&staff));
        for (id, issuer, told) in [("shop", &issuers[0], shop), ("staff", &issuers[1], staff)] {
            let client = json!([id, format!("secret of {id}")]);
            let redirect_uri = format!("https://{id}.example/callback");
            let expected = [
                json!([issuer, client, redirect_uri]),
                json!([issuer, client, null]),
                json!([issuer, client]),
            ];
            assert_eq!(told, expected.map(|it| it.to_string()));
        }
    }

    #[tokio::test]
    async fn a_token_endpoint_to_which_too_many_come_is_left_alone_as_long_as_it_says() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let here = issuer.clone();
        let asked = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&asked);
        let answer = async move |uri: Uri| match uri.path() {
            "/token" => {
                let said = if count.fetch_add(1, Ordering::Relaxed) == 0 {
                    "30"
                } else {
                    "86400"
                };
                let headers = [("retry-after", said)];
                (http::StatusCode::TOO_MANY_REQUESTS, headers, String::new())
            }
            _ => {
                let document = json!({
                    "issuer": here,
                    "authorization_endpoint": format!("{here}/authorize"),
                    "token_endpoint": format!("{here}/token"),
                    "jwks_uri": format!("{here}/jwks"),
                });
                (http::StatusCode::OK, [("vary", "*")], document.to_string())
            }
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let clock = Clock::at(1_800_000_000);
        let client = Arc::new(testing::client("app", &issuer));
        let provider = Provider::new(client, None, Timeouts::DEFAULT, clock.clone()).unwrap();
        provider.start().await.unwrap();
        let metadata = provider.metadata().await.unwrap();
        let refresh = async || match provider.refresh(&metadata, &Token::new("t")).await {
            Err(TokenError::Transport(ProviderError::RateLimited { retry_after })) => {
                (asked.load(Ordering::Relaxed), retry_after)
            }
            other => panic!("{other:?}"),
        };
        for (second, expected) in [
            (0, (1, Some(30))),
            (1, (1, Some(29))),
            (29, (1, Some(1))),
            // Who says more than an hour is believed for a minute.
            (30, (2, Some(3600))),
            (89, (2, Some(1))),
            (90, (3, Some(3600))),
            // The clock was set back.
            (0, (4, Some(3600))),
        ] {
            clock.set(1_800_000_000 + second);
            assert_eq!(refresh().await, expected, "{second}");
        }
    }

    /// Serves keys: those of tests from the second answer on, and one that signed nothing before.
    async fn serve_new_keys() -> (String, Arc<std::sync::atomic::AtomicUsize>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (here, count) = (issuer.clone(), Arc::clone(&asked));
        let answer = async move |uri: Uri| {
            let mut keys = serde_json::to_value(&testing::KEYS.public).unwrap();
            let answer = match uri.path() {
                "/.well-known/openid-configuration" => json!({
                    "issuer": here,
                    "authorization_endpoint": format!("{here}/authorize"),
                    "token_endpoint": format!("{here}/token"),
                    "jwks_uri": format!("{here}/jwks"),
                }),
                _ => {
                    if count.fetch_add(1, core::sync::atomic::Ordering::SeqCst) == 0 {
                        let number = keys["keys"][0]["n"].as_str().unwrap();
                        let first = if number.starts_with('x') { "y" } else { "x" };
                        keys["keys"][0]["n"] = json!(format!("{first}{}", &number[1..]));
                    }
                    keys
                }
            };
            ([(CONTENT_TYPE, "application/json")], answer.to_string())
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (issuer, asked)
    }

    #[tokio::test]
    async fn a_new_key_under_the_old_name_is_fetched_once_and_forgeries_fetch_no_more() {
        let (issuer, asked) = serve_new_keys().await;
        let asked = || asked.load(core::sync::atomic::Ordering::SeqCst);
        let client = Arc::new(testing::client("app", &issuer));
        let clock = Clock::at(1_800_000_000);
        let provider = Provider::new(client, None, Timeouts::DEFAULT, clock).unwrap();
        provider.start().await.unwrap();
        let metadata = provider.metadata().await.unwrap();
        provider.keys(&metadata).await.unwrap();
        assert_eq!(asked(), 1);
        let good = testing::sign(&json!({"a": 1}));
        let check = async |token: &str| {
            let check = |keys: &JwkSet| {
                jwks::verify::<serde_json::Value>(token, keys, &metadata.algorithms)
            };
            let sender = Sender::Anyone;
            let checked = provider.check(&metadata, token, sender, check).await;
            checked.unwrap().map(|(_, claims)| claims)
        };
        assert_eq!(check(&good).await, Ok(json!({"a": 1})));
        assert_eq!(asked(), 2);
        let (message, _) = good.rsplit_once('.').unwrap();
        let other = testing::sign(&json!({"a": 2}));
        let (_, signature) = other.rsplit_once('.').unwrap();
        for _ in 0..20 {
            let forged = check(&format!("{message}.{signature}")).await;
            assert_eq!(forged, Err(jwks::SignatureError::Signature));
        }
        assert_eq!(asked(), 2);
    }
}
