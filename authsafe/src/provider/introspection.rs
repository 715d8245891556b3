//! Asking the provider about a token (RFC 7662 §2).

use serde_json::{Map, Value};

use super::http::{self, Fetched};
use super::provider::Provider;
use super::refusals::PAUSE;
use crate::error::ProviderError;
use crate::log;
use crate::protocol::client_auth::refuses_client;
use crate::protocol::discovery::Metadata;
use crate::protocol::refusal::Refusal;

impl Provider {
    /// Asks the provider about an access token. `None`: there is no endpoint to ask, or no secret to
    /// ask with (§2.1 wants the one who asks to be known). An endpoint that has refused us a moment ago
    /// is not asked.
    pub(crate) async fn introspect(
        &self,
        metadata: &Metadata,
        token: &str,
    ) -> Result<Option<Map<String, Value>>, ProviderError> {
        let Some(url) = &metadata.introspection else {
            return Ok(None);
        };
        if self.client().secret.is_none() {
            return Ok(None);
        }
        if self.introspection_refusals.is_fresh() {
            return Err(ProviderError::BadAnswer);
        }
        let pairs = [("token", token), ("token_type_hint", "access_token")];
        let client = self.as_client(&self.http, metadata);
        let answer = client.post(url, &pairs).await?.answer;
        // §2.3: it does not know this app. Of the token that says nothing.
        if refuses_client(&answer) {
            if self.introspection_refusals.note() {
                let refusal = Refusal::of(&answer, &self.sent(&pairs));
                log::error!(
                    answer = %refusal,
                    url = url.as_str(),
                    "the provider's introspection endpoint refuses this app's own credentials: opaque \
                     access tokens are not checked, and it is asked again every {} seconds; does it \
                     know AUTHSAFE_CLIENT_ID and AUTHSAFE_CLIENT_SECRET, and take them as \
                     `client_auth` sends them?",
                    PAUSE.as_secs()
                );
            }
            return Err(ProviderError::BadAnswer);
        }
        match http::fetched(&answer) {
            Fetched::Document(members) => {
                self.introspection_refusals.note_acceptance();
                Ok(Some(members))
            }
            Fetched::Nothing | Fetched::Garbled(_) | Fetched::Refused(_) => {
                let refusal = Refusal::of(&answer, &self.sent(&pairs));
                log::warn!(answer = %refusal, url = url.as_str(), "the provider says nothing of a token");
                Err(ProviderError::BadAnswer)
            }
        }
    }
}
