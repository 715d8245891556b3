//! What a renewal asks of the provider.

use core::future::Future;

use super::sealed::SealedSession;
use crate::error::RefreshError;
use crate::session::{KeptTokens, Session};

/// How new tokens are got (RFC 6749 §6), of which lifecycle knows no more.
pub(crate) trait RefreshGrant: Sync {
    /// What an exchange needs to know of the provider.
    type Ready: Send + Sync;

    /// Gets ready, before the refresh token of `session` is spent: a provider without keys must not cost
    /// the session.
    fn prepare(
        &self,
        session: &Session,
    ) -> impl Future<Output = Result<Self::Ready, RefreshError>> + Send;

    /// Exchanges the refresh token of a session, which has these tokens, and seals its next state with
    /// [`Sessions::seal_renewed`](super::Sessions::seal_renewed).
    fn exchange(
        &self,
        ready: &Self::Ready,
        session: &Session,
        tokens: KeptTokens,
    ) -> impl Future<Output = Result<SealedSession, RefreshError>> + Send;

    /// Revokes the refresh token of a session that has ended.
    fn revoke(&self, session: &Session);
}
