//! A session, and what it is sealed into.

use std::sync::Arc;

use crate::clock::UnixSeconds;
use crate::error::{CallbackError, ProviderError, RefreshError};
use crate::log;
use crate::session::seal::{Keys, Purpose, SealError, Sealed};
use crate::session::ticket::StoreEntry;
use crate::session::{
    DataChange, Identity, KeptTokens, Session, SessionTokens, TooLarge, encode_tokens,
};

use super::action::Activity;

/// A session, and what it is sealed into.
#[derive(Clone)]
pub(crate) struct SealedSession {
    pub(crate) session: Session,
    /// The cookie's value, or the record in the store.
    value: String,
    /// What the provider failed at after it had taken the old refresh token: the new one is in the
    /// session, and nothing else is new.
    pub(crate) lacking: Option<ProviderError>,
    /// This process has exchanged a refresh token for it.
    pub(crate) is_exchanged_here: bool,
}

/// A session could not be written.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("the session is larger than cookies can hold")]
    TooLarge,
    #[error("the session could not be sealed")]
    Internal,
    /// The store did not answer.
    #[error("the session store failed")]
    Store,
}

impl From<SealError> for WriteError {
    fn from(_: SealError) -> Self {
        Self::Internal
    }
}

impl From<TooLarge> for WriteError {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

impl From<WriteError> for CallbackError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => Self::SessionTooLarge,
            WriteError::Internal => Self::Internal,
            WriteError::Store => Self::StateUnavailable,
        }
    }
}

impl From<WriteError> for RefreshError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::TooLarge => Self::SessionTooLarge,
            WriteError::Internal => Self::Internal,
            WriteError::Store => Self::StateUnavailable,
        }
    }
}

impl SealedSession {
    /// Seals a session for the cookies of this name.
    pub(super) fn for_cookies(
        keys: &Arc<Keys>,
        name: &str,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Result<Self, WriteError> {
        let (first, second) = encode(identity, &tokens)?;
        let value = keys.seal(Purpose::Session, name, &first, Some(&second))?;
        let session = Session::decode(first, SessionTokens::Open(tokens));
        Self::new(session, value)
    }

    /// Seals a session for the store.
    pub(super) fn for_store(
        keys: &Keys,
        entry: StoreEntry,
        identity: Identity,
        tokens: KeptTokens,
        now: UnixSeconds,
    ) -> Result<Self, WriteError> {
        let (first, second) = encode(identity, &tokens)?;
        let record = entry.write(keys, &first, &second, now)?;
        let session = Session::decode_stored(first, SessionTokens::Open(tokens), entry);
        Self::new(session, record)
    }

    fn new(session: Option<Session>, value: String) -> Result<Self, WriteError> {
        Ok(Self {
            session: session.ok_or(WriteError::Internal)?,
            value,
            lacking: None,
            is_exchanged_here: false,
        })
    }

    /// Opens a cookie's value, which another machine may have sealed.
    pub(super) fn open(keys: &Arc<Keys>, name: &str, value: String) -> Option<Self> {
        let sealed = Sealed::Joined(value.clone().into_bytes());
        let session = open(keys, name, sealed)?;
        Self::new(Some(session), value).ok()
    }

    /// A session that is in the store already.
    pub(super) fn in_store(session: Session) -> Self {
        Self {
            session,
            value: String::new(),
            lacking: None,
            is_exchanged_here: false,
        }
    }

    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Returns whether its tokens are new and its access token is good.
    pub(crate) fn is_usable(&self, now: UnixSeconds) -> bool {
        self.lacking.is_none() && now < self.session.access_token_expires_at()
    }
}

/// A session that is sealed nowhere.
pub(super) fn unsealed(identity: Identity, tokens: KeptTokens) -> Result<Session, WriteError> {
    let (first, _) = encode(identity, &tokens)?;
    Session::decode(first, SessionTokens::Open(tokens)).ok_or(WriteError::Internal)
}

/// Opens the session that a cookie of this name holds.
pub(super) fn open(keys: &Arc<Keys>, name: &str, sealed: Sealed) -> Option<Session> {
    let first = keys.open_first(Purpose::Session, name, sealed.as_bytes())?;
    Session::decode(first, SessionTokens::Sealed(sealed, Arc::clone(keys)))
}

/// Returns what a request has changed of the app's data, unless a refresh has moved its user into another organization
/// since the request began: one's data is not another's.
pub(super) fn of_same_organization(
    changes: Vec<DataChange>,
    began_as: &Session,
    now_is: &Session,
) -> Vec<DataChange> {
    let has_moved = || {
        let now = now_is.identity();
        now.is_of_another_organization(&began_as.identity())
    };
    if changes.is_empty() || !has_moved() {
        return changes;
    }
    log::warn!("a session's data was not kept: its user is in another organization by now");
    Vec::new()
}

/// The next state of a session: in use now, where somebody uses it, with changed data.
pub(super) fn next_state(
    session: &Session,
    activity: Activity,
    changes: Vec<DataChange>,
    now: UnixSeconds,
) -> Identity {
    let mut identity = session.identity();
    if activity == Activity::User {
        identity.active_at = now;
    }
    identity.revision = identity.revision.wrapping_add(1);
    for change in changes {
        identity.data.apply(change);
    }
    identity
}

fn encode(mut identity: Identity, tokens: &KeptTokens) -> Result<(Vec<u8>, Vec<u8>), TooLarge> {
    identity.has_refresh_token = tokens.refresh.is_some();
    let first = identity.encode();
    let parts = first.and_then(|first| Ok((first, encode_tokens(tokens)?)));
    parts.inspect_err(|_| {
        log::error!(
            "the session holds more than 64 KB in a token, or in what it says of the user and keeps \
             of the app's: no cookie and no store takes that"
        );
    })
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn keys() -> Arc<Keys> {
        let secrets = [SecretString::from("a")];
        Arc::new(Keys::derive(&secrets, &["issuer", "client"]).unwrap())
    }

    #[test]
    fn a_cookie_from_before_tokens_were_unpacked_is_read() {
        let value = "AbkAms-MP00AolESyN98bO8rnII3sSEuGmWpsOw1UH7xZFtzuPKgpTumBaO42q61fB3ouX0cJQ6J8UMsIr04Jm-vi5gWsL_S\
                     jxyvFLsf97AyCVzAOI6r-m_h6D67D6PdulVKho2eVLu4NnOU-rZN4SI8bFo9bwk2KlilWlnOdDaYc7UDvST7hNSgf20xbiiL\
                     HATp5-8UxIDGXPKWfc5j0AprygDbVjAPXFCbRNA6IhZUmeeplasmEjz5RpKAEDdVAqtNHpb19fHlV_fszfjizxYcScbRLl5U\
                     3l1whriGnskmIDH12nmJQpsySSzmdyLEqaBy0__183Z7EdCZfymCImsROmHRpV5UljrVbXorAlytiTesqdFmY6S2n97294Y6\
                     ZRxtROyHHaKDzR6kPtGdVB9w";
        let before = SealedSession::open(&keys(), "authsafe", value.to_owned()).unwrap();
        let tokens = before.session.kept_tokens().unwrap();
        let identity = before.session.identity();
        let after = SealedSession::for_cookies(&keys(), "authsafe", identity, tokens).unwrap();
        assert!(after.value().len() < value.len());
        let after = SealedSession::open(&keys(), "authsafe", after.value).unwrap();
        for session in [before.session, after.session] {
            assert_eq!(session.user().email(), Some("alice@example.com"));
            let tokens = session.tokens().unwrap();
            let access = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
            assert_eq!(tokens.access.expose_secret(), access);
            assert_eq!(tokens.refresh.unwrap().expose_secret(), "an opaque one");
            let id = "eyJhbGciOiJSUzI1NiJ9.eyJub25jZSI6IjEifQ.b3RoZXI";
            assert_eq!(tokens.id.unwrap().expose_secret(), id);
        }
    }
}
