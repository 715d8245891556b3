//! Asking the provider about a token (RFC 7662 §2).

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::http::Fetched;
use super::provider::Provider;
use crate::config::Config;
use crate::error::ProviderError;
use crate::protocol::discovery::Metadata;

impl Provider {
    /// What the provider says of an access token. `None`: there is no endpoint to ask, or no secret
    /// to ask with (§2.1 wants the one who asks to be known).
    pub(crate) async fn introspect(
        &self,
        config: &Config,
        metadata: &Metadata,
        token: &str,
    ) -> Result<Option<Map<String, Value>>, ProviderError> {
        let (Some(url), Some(secret)) = (&metadata.introspection, &config.client_secret) else {
            return Ok(None);
        };
        let pairs = [
            ("token", token),
            ("token_type_hint", "access_token"),
            ("client_id", &config.client_id),
            ("client_secret", secret.expose_secret()),
        ];
        match self.http.post_form_for_json(url, &pairs).await? {
            Fetched::Document(answer) => Ok(Some(answer)),
            // §2.3: it does not know this app. Of the token that says nothing.
            Fetched::Nothing | Fetched::Garbled => Err(ProviderError::BadAnswer),
        }
    }
}
