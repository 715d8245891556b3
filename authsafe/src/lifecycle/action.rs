//! What a request says of its user, and what the answer does to the session's cookies.

use http::HeaderMap;

use crate::session::{DataChange, Session};

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

/// What becomes of a session by a request, beside new tokens.
pub(super) struct Write<'a> {
    /// As the request has it.
    pub(super) session: &'a Session,
    pub(super) activity: Activity,
    /// What its handler has changed of the app's data.
    pub(super) changes: Vec<DataChange>,
    /// The request's headers.
    pub(super) request: &'a HeaderMap,
}
