//! The end of a session: here at once, and on other machines as soon as they can be told.

use http::header::{HeaderMap, HeaderValue};

use crate::session::{Session, SessionId};
use crate::state::AllOf;
use crate::store::StateError;
use crate::types::Subject;

use super::sessions::Sessions;
use super::untold::News;

/// What has become of a session at a logout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedOut {
    /// It has ended.
    Everywhere,
    /// It has ended here, and may go on on other machines.
    Here,
    /// Other machines could not be told, so that nothing has happened.
    Nowhere,
}

impl Sessions {
    /// Ends a session. `Err`: other machines could not be told now; where they share a state, they are told later.
    pub(crate) async fn revoke_session(&self, id: SessionId) -> Result<(), StateError> {
        self.context.revocations.revoke_session(id);
        let told = self.tell_now_or_later(News::Ended(id)).await;
        self.home.delete(&self.context, id, told).await
    }

    /// Ends a session for whoever signs out of it.
    pub(crate) async fn sign_out(&self, id: SessionId) -> SignedOut {
        if !self.home.ends_here_first(&self.context) {
            let told = self.tell(News::Ended(id)).await;
            return match self.home.delete(&self.context, id, told).await {
                Ok(()) => {
                    self.context.revocations.revoke_session(id);
                    SignedOut::Everywhere
                }
                Err(_) => SignedOut::Nowhere,
            };
        }
        match self.revoke_session(id).await {
            Err(_) if !self.home.may_end_untold() => SignedOut::Here,
            _ => SignedOut::Everywhere,
        }
    }

    /// Tells the other machines what has become of a session: a save that is under way there must not bring its
    /// record back, which is deleted afterwards.
    async fn tell(&self, news: News) -> Result<(), StateError> {
        match self.cluster() {
            Some(cluster) => news.tell(cluster, &self.context).await,
            None => Ok(()),
        }
    }

    /// Does what [`tell`](Self::tell) does. What they could not be told they are told later.
    pub(super) async fn tell_now_or_later(&self, news: News) -> Result<(), StateError> {
        let told = self.tell(news).await;
        if told.is_err() {
            news.tell_later(&self.context);
        }
        told
    }

    /// Ends all of these that began until now.
    pub(crate) async fn revoke(&self, ending: &[AllOf<'_>]) -> Result<(), StateError> {
        let (now, memory) = (self.context.clock.fine(), self.context.memory);
        for all in ending {
            self.context.revocations.revoke(all, now);
        }
        let mut told = Ok(());
        if let Some(cluster) = self.cluster() {
            for all in ending {
                told = told.and(cluster.revoke(all, now, memory).await);
            }
        }
        told
    }

    /// Ends the sessions of a user that began until now.
    pub(crate) async fn revoke_user(&self, user: Subject<&str>) -> Result<(), StateError> {
        self.revoke(&[AllOf::User(user)]).await
    }

    /// Returns whether another session has come in the place of this one. `false` where that cannot be
    /// known.
    async fn is_replaced(&self, id: SessionId) -> bool {
        self.context.revocations.is_replaced(id)
            || match self.cluster() {
                Some(cluster) => cluster.is_replaced(id).await.unwrap_or(false),
                None => false,
            }
    }

    /// Returns whether each session that a request came with has been replaced by another.
    pub(crate) async fn are_replaced(&self, request: &HeaderMap) -> bool {
        let ids = self.ids(request);
        for id in &ids {
            if !self.is_replaced(*id).await {
                return false;
            }
        }
        !ids.is_empty()
    }

    /// Returns whether an answer may take a session's cookie away, which has ended here. Not where its browser
    /// may have got that of a newer state, or of another session: an answer that is sent late would
    /// take that.
    pub(crate) async fn may_remove(&self, session: &Session) -> bool {
        self.may_remove_here(session) && !self.is_replaced(session.id()).await
    }

    /// Does what [`may_remove`](Self::may_remove) does, where no other machines are asked.
    pub(super) fn may_remove_here(&self, session: &Session) -> bool {
        !self.context.has_newer(session) && self.context.is_last(session)
    }

    /// The cookies that remove those of a session from the browser of a request.
    pub(crate) fn remove_cookies(&self, request: &HeaderMap) -> Vec<HeaderValue> {
        self.context.clear_session(request)
    }
}
