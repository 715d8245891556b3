//! What a test may change while the provider runs.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::endpoint::Endpoint;

/// The form of a claim that lists several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClaimForm {
    /// One string, the values separated by spaces: what newer servers send as `scope`.
    #[default]
    String,
    /// An array of strings: what older servers send as `scope`.
    Array,
}

impl ClaimForm {
    pub(super) fn write(self, values: &[String]) -> Value {
        match self {
            Self::String => json!(values.join(" ")),
            Self::Array => json!(values),
        }
    }
}

/// The way in which clients have to send their secret (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientAuth {
    /// In the body: `client_secret_post`.
    #[default]
    Post,
    /// In the header: `client_secret_basic`.
    Basic,
    /// In either.
    Either,
}

impl ClientAuth {
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Post => &["client_secret_post"],
            Self::Basic => &["client_secret_basic"],
            Self::Either => &["client_secret_basic", "client_secret_post"],
        }
    }
}

/// A JSON object that a test may change on its way out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Object {
    Discovery,
    IdToken,
    IdTokenHeader,
    AccessToken,
    AccessTokenHeader,
    LogoutToken,
    LogoutTokenHeader,
    Introspection,
    UserInfo,
    TokenResponse,
}

/// A change to it.
pub(super) type Tamper = Arc<dyn Fn(&mut Map<String, Value>) + Send + Sync>;

pub(super) struct Knobs {
    pub(super) access_token_lifetime: Duration,
    pub(super) opaque_access_tokens: bool,
    pub(super) client_auth: ClientAuth,
    pub(super) scope_form: ClaimForm,
    pub(super) roles_form: ClaimForm,
    pub(super) rotate_refresh_tokens: bool,
    pub(super) response_iss: bool,
    pub(super) end_session: bool,
    pub(super) corrupt_signatures: bool,
    pub(super) canned: HashMap<Endpoint, VecDeque<(StatusCode, String)>>,
    pub(super) delays: HashMap<Endpoint, Duration>,
    pub(super) tampers: HashMap<Object, Tamper>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            access_token_lifetime: Duration::from_secs(3600),
            opaque_access_tokens: false,
            client_auth: ClientAuth::Post,
            scope_form: ClaimForm::String,
            roles_form: ClaimForm::Array,
            rotate_refresh_tokens: true,
            response_iss: true,
            end_session: true,
            corrupt_signatures: false,
            canned: HashMap::new(),
            delays: HashMap::new(),
            tampers: HashMap::new(),
        }
    }
}
