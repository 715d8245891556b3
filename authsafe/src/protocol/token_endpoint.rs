//! The token request and its answer (RFC 6749 §4.1.3, §5, §6; RFC 7636 §4.5).

use core::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, EndpointNotSet, EndpointSet,
    ExtraTokenFields, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::client::ClientRegistration;
use crate::types::{CodeVerifier, Scopes, Token, Tokens};

/// The `id_token` beside the standard fields (OpenID Connect Core §3.1.3.3).
#[derive(Serialize, Deserialize)]
struct IdTokenField {
    id_token: Option<String>,
}

impl core::fmt::Debug for IdTokenField {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("IdTokenField(..)")
    }
}

impl ExtraTokenFields for IdTokenField {}

type Answer = StandardTokenResponse<IdTokenField, BasicTokenType>;
type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The good answer of the token endpoint (RFC 6749 §5.1).
pub(crate) struct TokenSet {
    pub(crate) tokens: Tokens,
    /// How long the access token is good for (`expires_in`).
    pub(crate) expires_in: Option<Duration>,
    /// The `scope`; left out where it is what was asked for (RFC 6749 §5.1).
    pub(crate) scopes: Option<Scopes>,
}

/// The reason that the token endpoint gave no tokens.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError<E: core::error::Error + 'static> {
    /// `invalid_grant`: the code or the refresh token is not good, or no longer.
    #[error("the token endpoint answered `invalid_grant`")]
    InvalidGrant,
    /// Any other error of RFC 6749 §5.2: our request is not what the provider expects.
    #[error("the token endpoint answered `{0}`")]
    Refused(String),
    /// The answer is not that of RFC 6749 §5.1; it may hold a refresh token all the same.
    #[error("the token endpoint's answer cannot be read: {0}")]
    Malformed(&'static str, Option<Token>),
    /// There was no answer.
    #[error(transparent)]
    Transport(E),
}

/// The token endpoint, as one client asks it. Its requests name the client; that they are the client's
/// is for whoever sends them to say.
pub(crate) struct TokenEndpoint<'a> {
    pub(crate) url: &'a Url,
    pub(crate) client: &'a ClientRegistration,
}

impl TokenEndpoint<'_> {
    /// Exchanges a code (`grant_type=authorization_code`).
    pub(crate) async fn exchange<E: core::error::Error + 'static>(
        &self,
        http: &impl for<'c> AsyncHttpClient<'c, Error = E>,
        code: String,
        verifier: &CodeVerifier,
    ) -> Result<TokenSet, TokenError<E>> {
        let redirect_uri = RedirectUrl::new(self.client.redirect_uri.clone())
            .map_err(|_| TokenError::Malformed("the redirect URI is no URL", None))?;
        self.request()
            .set_redirect_uri(redirect_uri)
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
            .request_async(http)
            .await
            .map_err(error)
            .and_then(token_set)
    }

    /// Exchanges a refresh token (`grant_type=refresh_token`).
    pub(crate) async fn refresh<E: core::error::Error + 'static>(
        &self,
        http: &impl for<'c> AsyncHttpClient<'c, Error = E>,
        refresh_token: &Token,
    ) -> Result<TokenSet, TokenError<E>> {
        let refresh_token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        self.request()
            .exchange_refresh_token(&refresh_token)
            .request_async(http)
            .await
            .map_err(error)
            .and_then(token_set)
    }

    fn request(&self) -> Client {
        oauth2::Client::new(ClientId::new(self.client.id.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::from_url(self.url.clone()))
    }
}

fn token_set<E: core::error::Error>(answer: Answer) -> Result<TokenSet, TokenError<E>> {
    let refresh = answer.refresh_token();
    let refresh = refresh.map(|token| Token::new(token.secret().as_str()));
    if *answer.token_type() != BasicTokenType::Bearer {
        let what = "`token_type` is not Bearer";
        return Err(TokenError::Malformed(what, refresh));
    }
    Ok(TokenSet {
        tokens: Tokens {
            access: Token::new(answer.access_token().secret().as_str()),
            refresh,
            id: answer.extra_fields().id_token.as_deref().map(Token::new),
        },
        expires_in: answer.expires_in(),
        scopes: answer
            .scopes()
            .map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect()),
    })
}

fn error<E: core::error::Error>(error: RequestTokenError<E, BasicErrorResponse>) -> TokenError<E> {
    match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            BasicErrorResponseType::InvalidGrant => TokenError::InvalidGrant,
            other => TokenError::Refused(printable(other.as_ref())),
        },
        RequestTokenError::Request(error) => TokenError::Transport(error),
        RequestTokenError::Parse(_, body) => {
            TokenError::Malformed("it is not the JSON of a token answer", dropped(&body))
        }
        RequestTokenError::Other(_) => TokenError::Malformed("it is empty or not JSON", None),
    }
}

/// Returns the refresh token in an answer that cannot be read otherwise.
fn dropped(body: &[u8]) -> Option<Token> {
    #[derive(Deserialize)]
    struct Dropped {
        refresh_token: String,
    }
    let Dropped { refresh_token } = serde_json::from_slice(body).ok()?;
    Some(Token::new(refresh_token))
}

/// Cuts the provider's own word to what a log line can bear.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_graphic())
        .take(64)
        .collect()
}
