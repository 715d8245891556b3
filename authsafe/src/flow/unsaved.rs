//! A refresh token that is in no session yet.

use std::sync::Arc;

use super::app::App;
use crate::types::Token;

/// Revokes the refresh token when it is dropped, unless it was saved: an error on the way to the
/// session, a panic, or a caller that went away leaves nobody who could.
pub(super) struct UnsavedToken {
    app: Arc<App>,
    refresh_token: Option<Token>,
}

impl UnsavedToken {
    pub(super) fn new(app: &Arc<App>, refresh_token: Option<Token>) -> Self {
        Self {
            app: Arc::clone(app),
            refresh_token,
        }
    }

    /// Leaves it to the session that it is in now.
    pub(super) fn saved(mut self) {
        self.leave();
    }

    /// Leaves it to run out: to revoke it may end another session's.
    pub(super) fn leave(&mut self) {
        self.refresh_token = None;
    }
}

impl Drop for UnsavedToken {
    fn drop(&mut self) {
        self.app.revoke_in_background(self.refresh_token.take());
    }
}
