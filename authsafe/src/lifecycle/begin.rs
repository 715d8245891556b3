//! The beginning of a session: at a sign-in, in the place of the one before.

use http::header::{HeaderMap, HeaderValue};

use crate::session::{Identity, Session};
use crate::types::Tokens;

use super::sealed::{self, WriteError};
use super::sessions::Sessions;
use super::untold::News;

impl Sessions {
    /// Returns a new session as the provider gives it, with all of its tokens, and writes it nowhere.
    pub(crate) fn preview(
        &self,
        identity: Identity,
        tokens: Tokens,
    ) -> Result<Session, WriteError> {
        sealed::unsealed(identity, tokens.into())
    }

    /// Begins a session in the browser of a request. Returns it and its cookies.
    pub(crate) async fn begin(
        &self,
        identity: Identity,
        tokens: Tokens,
        request: &HeaderMap,
    ) -> Result<(Session, Vec<HeaderValue>), WriteError> {
        let sealed = self.home.seal(&self.context, identity, tokens.into())?;
        let cookies = self.home.create(&self.context, &sealed, request).await?;
        self.context.revocations.note_sign_in();
        Ok((sealed.session, cookies))
    }

    /// Ends the sessions that a request came with, in whose place its browser has got another one, so
    /// that no copy of them lives on; and so does one that somebody has planted. Returns those that
    /// were not over.
    pub(crate) async fn replace(&self, request: &HeaderMap) -> Vec<Session> {
        let old = self.load_all(request).await.unwrap_or_default();
        // Also of those that are over: what is answered late to them must not take the new one's cookie.
        for id in self.ids(request) {
            self.context.revocations.replace_session(id);
            let told = self.tell_now_or_later(News::Replaced(id)).await;
            // What cannot be told to other machines is in their log and in ours.
            let _ = self.home.delete(&self.context, id, told).await;
        }
        old
    }
}
