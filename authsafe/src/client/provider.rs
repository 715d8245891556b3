//! The provider as the flows see it: its metadata and its keys, cached; its endpoints, called.

use std::sync::Arc;

use jsonwebtoken::jwk::JwkSet;
use secrecy::ExposeSecret;

use super::cache::Cached;
use super::http::{Fetched, Http, HttpStartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::ProviderError;
use crate::protocol::discovery::{Document, Metadata, Wrong, document_url};
use crate::protocol::jwks::{self, MayLackKey};
use crate::protocol::token::{TokenEndpoint, TokenError, TokenSet};
use crate::protocol::transaction::Transaction;
use crate::types::Token;

/// How long metadata is good for, in seconds.
const METADATA_AGE: u64 = 3600;
/// How long metadata that could not be renewed serves before the next attempt, in seconds.
const METADATA_PAUSE: u64 = 60;
/// How long keys are good for, in seconds: a key that the provider withdrew is gone after this.
const KEYS_AGE: u64 = 3600;
/// How often a token with an unknown key has the keys fetched at the most, in seconds: tokens with
/// made-up key ids must not turn us against the provider.
const KEYS_PAUSE: u64 = 10;
/// How soon after a failure it may be tried again, in seconds.
const KEYS_FAILED_PAUSE: u64 = 2;

/// A provider, and what we remember of it.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(super) http: Http,
    clock: Clock,
    metadata: Cached<Metadata, ProviderError>,
    keys: Cached<JwkSet, ProviderError>,
}

/// Why a provider cannot be used.
#[derive(Debug)]
pub(crate) enum StartProblem {
    /// It cannot be reached now; later it may be.
    Unreachable(ProviderError),
    /// It was reached, and is not what sign-in needs.
    Wrong(Vec<Wrong>),
}

impl Provider {
    pub(crate) fn new(config: &Config, clock: Clock) -> Result<Self, HttpStartError> {
        // Where an app's other crates turn on both of jsonwebtoken's back ends, neither is the
        // default and verifying panics; where one is installed already, it is as good.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        Ok(Self {
            http: Http::new(config.ca_file.as_deref())?,
            clock,
            metadata: Cached::default(),
            keys: Cached::default(),
        })
    }

    /// Asks the provider who it is, and checks the answer.
    pub(crate) async fn start(&self, config: &Config) -> Result<(), StartProblem> {
        let metadata = self.discover(config).await?;
        self.metadata.put(metadata, self.clock.now());
        Ok(())
    }

    /// The metadata if it is remembered, however old: for those who cannot wait.
    pub(crate) fn known_metadata(&self) -> Option<Arc<Metadata>> {
        self.metadata.known()
    }

    /// The metadata: remembered, or asked for now.
    pub(crate) async fn metadata(&self, config: &Config) -> Result<Arc<Metadata>, ProviderError> {
        let now = self.clock.now();
        let fetch = async {
            self.discover(config)
                .await
                .map_err(|problem| match problem {
                    StartProblem::Unreachable(error) => error,
                    StartProblem::Wrong(wrong) => {
                        for wrong in wrong {
                            tracing::error!(%wrong, "the provider cannot be used");
                        }
                        ProviderError::BadAnswer
                    }
                })
        };
        let fetched = self.metadata.get(now, METADATA_AGE, fetch).await;
        match (fetched, self.metadata.known()) {
            // What was right an hour ago serves while there is nothing that is right now.
            (Err(error), Some(known)) => {
                tracing::warn!(%error, "the provider's metadata could not be renewed");
                self.metadata.extend(now, METADATA_AGE, METADATA_PAUSE);
                Ok(known)
            }
            (fetched, _) => fetched,
        }
    }

    async fn discover(&self, config: &Config) -> Result<Metadata, StartProblem> {
        let by_hand = &config.endpoints;
        if by_hand.are_complete() {
            return Metadata::authsafe(&config.domain, &config.issuer, by_hand)
                .map_err(StartProblem::Wrong);
        }
        let url = document_url(&config.domain);
        match self.http.get_json::<Document>(&url).await {
            Ok(Fetched::Document(document)) => Metadata::check(document, &config.issuer, by_hand),
            // A document that was there before is missing, not moved: only a provider that never
            // had one is taken for one with fixed paths.
            Ok(Fetched::Nothing) if self.metadata.known().is_some() => {
                return Err(StartProblem::Unreachable(ProviderError::BadAnswer));
            }
            Ok(Fetched::Nothing) => Metadata::authsafe(&config.domain, &config.issuer, by_hand),
            Ok(Fetched::Garbled) => Err(vec![Wrong::Garbled]),
            Err(error) => return Err(StartProblem::Unreachable(error)),
        }
        .map_err(StartProblem::Wrong)
    }

    /// The provider's keys.
    pub(crate) async fn keys(&self, metadata: &Metadata) -> Result<Arc<JwkSet>, ProviderError> {
        let fetch = self.fetch_keys(metadata);
        self.keys.get(self.clock.now(), KEYS_AGE, fetch).await
    }

    /// What `check` makes of a token by the provider's keys; by newer ones where its own is not
    /// among them, since the provider may have changed them after we asked.
    pub(crate) async fn check<T, E: MayLackKey>(
        &self,
        metadata: &Metadata,
        check: impl Fn(&JwkSet) -> Result<T, E>,
    ) -> Result<Result<T, E>, ProviderError> {
        match check(&*self.keys(metadata).await?) {
            Err(error) if error.lacks_key() => {}
            checked => return Ok(checked),
        }
        let (now, fetch) = (self.clock.now(), self.fetch_keys(metadata));
        let newer = self
            .keys
            .get_with_pause(now, KEYS_PAUSE, KEYS_FAILED_PAUSE, fetch)
            .await?;
        Ok(check(&newer))
    }

    async fn fetch_keys(&self, metadata: &Metadata) -> Result<JwkSet, ProviderError> {
        match self
            .http
            .get_json::<jwks::Document>(metadata.jwks.as_str())
            .await?
        {
            Fetched::Document(document) => Ok(document.understood()),
            Fetched::Nothing | Fetched::Garbled => Err(ProviderError::BadAnswer),
        }
    }

    /// Exchanges a code, once.
    pub(crate) async fn exchange(
        &self,
        config: &Config,
        metadata: &Metadata,
        code: String,
        transaction: &Transaction,
    ) -> Result<TokenSet, TokenError<ProviderError>> {
        token_endpoint(config, metadata)
            .exchange(&self.http, code, &config.redirect_uri, transaction)
            .await
    }

    /// Exchanges a refresh token.
    pub(crate) async fn refresh(
        &self,
        config: &Config,
        metadata: &Metadata,
        refresh_token: &Token,
    ) -> Result<TokenSet, TokenError<ProviderError>> {
        token_endpoint(config, metadata)
            .refresh(&self.http, refresh_token)
            .await
    }

    /// Revokes a refresh token (RFC 7009 §2.1). What goes wrong is logged: there is nobody to tell.
    pub(crate) async fn revoke(&self, config: &Config, refresh_token: &Token) {
        let Ok(metadata) = self.metadata(config).await else {
            tracing::warn!("the refresh token was not revoked: the provider is not available");
            return;
        };
        let Some(url) = &metadata.revocation else {
            return;
        };
        let mut pairs = vec![
            ("token", refresh_token.expose_secret()),
            ("token_type_hint", "refresh_token"),
            ("client_id", &config.client_id),
        ];
        if let Some(secret) = &config.client_secret {
            pairs.push(("client_secret", secret.expose_secret()));
        }
        match self.http.post_form(url, &pairs).await {
            Ok(status) if status.is_success() => {}
            Ok(status) => tracing::warn!(%status, "the refresh token was not revoked"),
            Err(error) => tracing::warn!(%error, "the refresh token was not revoked"),
        }
    }
}

fn token_endpoint<'a>(config: &'a Config, metadata: &'a Metadata) -> TokenEndpoint<'a> {
    TokenEndpoint {
        url: &metadata.token,
        client_id: &config.client_id,
        client_secret: config.client_secret.as_ref(),
    }
}
