//! A refresh token that is in no session yet.

use std::sync::Arc;

use super::app::App;
use crate::types::Token;

/// Revokes the refresh token when it is dropped, unless it was kept: an error on the way to the
/// session, a panic, or a caller that went away leaves nobody who could.
pub(super) struct Unkept {
    app: Arc<App>,
    refresh_token: Option<Token>,
}

impl Unkept {
    pub(super) fn new(app: &Arc<App>, refresh_token: Option<Token>) -> Self {
        Self {
            app: Arc::clone(app),
            refresh_token,
        }
    }

    /// It is in a session now.
    pub(super) fn keep(mut self) {
        self.refresh_token = None;
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        self.app.revoke_in_background(self.refresh_token.take());
    }
}
