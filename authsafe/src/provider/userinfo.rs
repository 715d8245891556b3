//! Asking the provider about a user (OpenID Connect Core §5.3).

use jsonwebtoken::jwk::JwkSet;

use super::provider::Provider;
use super::unknown_keys::Sender;
use crate::clock::UnixSeconds;
use crate::error::ProviderError;
use crate::log;
use crate::protocol::claim_paths::ClaimSet;
use crate::protocol::discovery::Metadata;
use crate::protocol::refusal::{Refusal, Unreadable};
use crate::protocol::userinfo::{self, Expected, UserInfoError};
use crate::types::{Subject, Token};

/// The reason that UserInfo tells nothing.
#[derive(Debug, thiserror::Error)]
enum Untold {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error("it answered {0}")]
    Refused(Refusal),
    #[error("its answer is neither a JSON object nor a signed JWT: {0}")]
    Unreadable(Unreadable),
    #[error("its answer is ignored: {0}")]
    Ignored(#[from] UserInfoError),
}

impl Provider {
    /// Returns what UserInfo tells of the user of an ID token. `None`: it tells nothing, and the log says
    /// why.
    pub(crate) async fn userinfo(
        &self,
        metadata: &Metadata,
        access_token: &Token,
        subject: Subject<&str>,
        now: UnixSeconds,
    ) -> Option<ClaimSet> {
        let Some(url) = &metadata.userinfo else {
            self.lacks_userinfo.call_once(|| {
                log::warn!(
                    "the ID token lacks claims, and the provider names no UserInfo endpoint: set it by \
                     hand with `endpoints(userinfo = \"...\")`, or write `userinfo = \"never\"`"
                );
            });
            return None;
        };
        let expected = Expected {
            client: self.client(),
            issuer: &metadata.issuer,
            algorithms: &metadata.algorithms,
            subject,
            now,
        };
        let told = async {
            let answer = self.http.get_with_token(url, access_token).await?;
            if !answer.status().is_success() {
                let sent = [("access_token", access_token.expose_secret())];
                return Err(Untold::Refused(Refusal::of(&answer, &sent)));
            }
            if let Some(told) = userinfo::plain(answer.body(), &expected) {
                return Ok(told?);
            }
            let unreadable = || Untold::Unreadable(Unreadable::of(&answer));
            let token = core::str::from_utf8(answer.body());
            let token = token.map_err(|_| unreadable())?.trim();
            let check = |keys: &JwkSet| userinfo::signed(token, keys, &expected);
            let checked = self.check(metadata, token, Sender::Provider, check);
            checked.await?.map_err(|error| match error {
                UserInfoError::Form => unreadable(),
                error => error.into(),
            })
        };
        told.await
            .inspect_err(|error: &Untold| {
                log::warn!(%error, url = url.as_str(), "UserInfo told nothing: its claims are empty");
            })
            .ok()
    }
}
