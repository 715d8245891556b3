//! New tokens for a session: by one exchange, however many requests ask at once.

use std::sync::Arc;

use crate::clock::UnixSeconds;
use crate::error::{ProviderError, RefreshError};
use crate::session::{Identity, KeptTokens, Session};
use crate::state::{RenewalKey, Shared};

use super::refresh_grant::RefreshGrant;
use super::sealed::{SealedSession, WriteError};
use super::sessions::Sessions;

impl Sessions {
    /// Returns whether the access token ends soon and there is a way to get a new one. One that is
    /// short-lived is renewed in the last half of its life.
    #[inline]
    pub(crate) fn is_due(&self, session: &Session, now: UnixSeconds) -> bool {
        let spec = &self.context.spec;
        if !spec.auto_refresh || !session.has_refresh_token() {
            return false;
        }
        let ends = session.access_token_expires_at();
        let life = ends.saturating_sub(session.issued_at());
        now + spec.refresh_before.as_secs().min(life / 2) >= ends
    }

    /// Returns whether a session whose access token has ended is served all the same, while the provider does
    /// not answer.
    pub(crate) fn has_grace(&self, session: &Session, now: UnixSeconds) -> bool {
        let grace = self.context.spec.grace.as_secs();
        now < session.access_token_expires_at().saturating_add(grace)
    }

    /// Returns how a refresh of this session failed a moment ago, if it did: not every request waits for a
    /// provider that fails.
    pub(crate) fn failed_lately(
        &self,
        session: &Session,
        now: UnixSeconds,
    ) -> Option<RefreshError> {
        self.refreshes.failed_lately(renewal_key(session), now)
    }

    /// New tokens for a session: fetched now, or by another request a moment ago. Where the provider has
    /// ended the session, it ends here too.
    ///
    /// Call it from a task of its own: a browser that goes away must not leave a refresh token half
    /// spent.
    pub(crate) async fn renew<G: RefreshGrant>(
        &self,
        session: &Session,
        grant: &G,
    ) -> Result<Shared<Arc<SealedSession>>, RefreshError> {
        let (key, clock) = (renewal_key(session), &self.context.clock);
        let exchange = async {
            let ready = grant.prepare(session).await?;
            self.home.renew(&self.context, session, grant, &ready).await
        };
        let renewed = match self.home.renewed_before(&self.context, session) {
            Some(renewed) => Ok(Shared::Followed(renewed)),
            None => self.refreshes.share(key, clock, exchange).await,
        };
        self.note(session, &renewed, grant);
        let renewed = renewed.and_then(|renewed| {
            let (Shared::Led(sealed) | Shared::Followed(sealed)) = &renewed;
            // It has ended while the provider was asked, or the provider says that it is over.
            match self.is_alive(session) && self.is_alive(&sealed.session) {
                true => Ok(renewed),
                false => Err(RefreshError::SessionEnded),
            }
        });
        // Copies of its cookie end with it, unless the session has gone on without this copy.
        if matches!(&renewed, Err(error) if error.ends_session())
            && !self.context.has_newer(session)
        {
            // What cannot be told to other machines they find out from the provider.
            let _ = self.revoke_session(session.id()).await;
        }
        renewed
    }

    /// Remembers what a refresh has come to. The refresh token of a session that has ended must not live
    /// on.
    fn note<G: RefreshGrant>(
        &self,
        before: &Session,
        renewed: &Result<Shared<Arc<SealedSession>>, RefreshError>,
        grant: &G,
    ) {
        let now = self.context.clock.now();
        match renewed {
            Ok(Shared::Led(sealed)) if self.is_alive(&sealed.session) => {
                self.home.remember(&self.context, sealed);
            }
            Ok(Shared::Led(sealed)) => grant.revoke(&sealed.session),
            Err(failure @ (RefreshError::Provider(_) | RefreshError::RequestRefused)) => {
                self.refreshes
                    .note_failure(renewal_key(before), *failure, now);
            }
            _ => {}
        }
        if let Ok(Shared::Led(sealed) | Shared::Followed(sealed)) = renewed
            && sealed.lacking.is_some()
        {
            // The next one would fare no better. The provider is not down: its tokens cannot be checked.
            let next = renewal_key(&sealed.session);
            let failure = ProviderError::BadAnswer.into();
            self.refreshes.note_failure(next, failure, now);
        }
    }

    /// Seals the next state of a session, which new tokens have brought.
    pub(crate) async fn seal_renewed(
        &self,
        before: &Session,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        let sealed = self
            .home
            .seal_renewed(&self.context, before, identity, tokens);
        sealed.await
    }
}

fn renewal_key(session: &Session) -> RenewalKey {
    (session.id(), session.renewals())
}
