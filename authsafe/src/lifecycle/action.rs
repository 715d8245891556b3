//! What a request says of its user, and what the answer does to the session's cookies.

use crate::session::Session;

/// Whether a request says that its user is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    /// Somebody uses the app: an idle session goes on.
    User,
    /// A script asks now and then, with nobody there perhaps.
    Polling,
}

/// What the answer does to the session's cookies.
#[derive(Debug, Clone)]
pub(crate) enum CookieAction {
    Unchanged,
    /// Writes this state of the session, or a newer one.
    Write(Session, Activity),
    /// Removes them, unless the browser has those of another session by now.
    Remove(Session),
}
