//! What an answer says of the session.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};
use tokio::sync::oneshot;

use crate::session::DataChange;
use crate::types::{Boxed, spawn};

use super::action::{CookieAction, Write};
use super::sessions::Sessions;

/// The cookies of an answer: now, or when a store or other machines have been asked.
pub(crate) enum Answer {
    Now(Vec<HeaderValue>),
    Pending(PendingWrite),
}

impl Answer {
    pub(crate) async fn cookies(self) -> Vec<HeaderValue> {
        match self {
            Self::Now(cookies) => cookies,
            Self::Pending(write) => write.cookies().await,
        }
    }
}

/// What has to be saved in a store, or asked of other machines, before the answer is sent.
pub(crate) struct PendingWrite {
    sessions: Arc<Sessions>,
    action: CookieAction,
    changes: Vec<DataChange>,
    request: HeaderMap,
}

impl Sessions {
    /// Does what becomes of a request's session, and what its handler has changed.
    pub(crate) fn answer(
        self: &Arc<Self>,
        action: CookieAction,
        changes: Vec<DataChange>,
        request: &HeaderMap,
    ) -> Answer {
        let changes = match &action {
            CookieAction::Unchanged => return Answer::Now(Vec::new()),
            CookieAction::Write(session, activity) => {
                let write = Write {
                    session,
                    activity: *activity,
                    changes,
                    request,
                };
                match self.home.write_now(&self.context, write) {
                    Ok(cookies) => return Answer::Now(cookies),
                    Err(write) => write.changes,
                }
            }
            CookieAction::Remove(session) if self.cluster().is_none() => {
                return Answer::Now(match self.may_remove_here(session) {
                    true => self.remove_cookies(request),
                    false => Vec::new(),
                });
            }
            CookieAction::Remove(_) => changes,
        };
        Answer::Pending(PendingWrite {
            sessions: Arc::clone(self),
            action,
            changes,
            request: request.clone(),
        })
    }
}

impl PendingWrite {
    /// Writes it, and returns the cookies of the answer.
    pub(crate) fn cookies(self) -> Boxed<'static, Vec<HeaderValue>> {
        // A task of its own: a browser that goes away must not take the save with it, nor leave the
        // session locked.
        Box::pin(async {
            let (tell, told) = oneshot::channel();
            spawn(Box::pin(async { _ = tell.send(self.write().await) }));
            told.await.unwrap_or_default()
        })
    }

    async fn write(self) -> Vec<HeaderValue> {
        let (sessions, request) = (&self.sessions, &self.request);
        match &self.action {
            CookieAction::Unchanged => Vec::new(),
            CookieAction::Write(session, activity) => {
                let write = Write {
                    session,
                    activity: *activity,
                    changes: self.changes,
                    request,
                };
                sessions.home.write(&sessions.context, write).await
            }
            CookieAction::Remove(session) if sessions.may_remove(session).await => {
                sessions.remove_cookies(request)
            }
            CookieAction::Remove(_) => Vec::new(),
        }
    }
}
