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
    /// to ask with (§2.1 wants the one who asks to be known). It is not asked while it
    /// [refuses](Self::refuses_us) us.
    pub(crate) async fn introspect(
        &self,
        config: &Config,
        metadata: &Metadata,
        token: &str,
    ) -> Result<Option<Map<String, Value>>, ProviderError> {
        let (Some(url), Some(secret)) = (&metadata.introspection, &config.client_secret) else {
            return Ok(None);
        };
        if self.refuses_us() {
            return Err(ProviderError::BadAnswer);
        }
        let pairs = [
            ("token", token),
            ("token_type_hint", "access_token"),
            ("client_id", &config.client_id),
            ("client_secret", secret.expose_secret()),
        ];
        match self.http.post_form_for_json(url, &pairs).await? {
            Some(Fetched::Document(answer)) => {
                self.note_acceptance();
                Ok(Some(answer))
            }
            Some(Fetched::Nothing | Fetched::Garbled) => Err(ProviderError::BadAnswer),
            // §2.3: it does not know this app. Of the token that says nothing.
            None => {
                self.note_refusal();
                Err(ProviderError::BadAnswer)
            }
        }
    }
}
