//! What nearly every request is: of a session that is sealed in its cookies, current, and in need of nothing. It is
//! let in at once; whatever else it is, the long way tells.

use std::sync::Arc;

use http::HeaderValue;

use super::request_session::RequestSession;
use crate::auth::Auth;
use crate::clock::UnixSeconds;
use crate::lifecycle::Activity;
use crate::session::Session;
use crate::types::Whose;

/// A request that changes nothing and shows cookies alone, within one session layer.
pub struct AtOnce<'r> {
    pub(crate) auth: &'r Auth,
    pub(crate) cookie: &'r HeaderValue,
    pub(crate) used: Activity,
    pub(crate) of_request: &'r Arc<RequestSession>,
}

impl AtOnce<'_> {
    /// Returns the session, where it is of the sign-in that is asked about. `None`: it takes more to tell.
    pub(super) fn session(&self, whose: Whose) -> Option<(&Session, UnixSeconds)> {
        let named = match whose {
            Whose::Unsaid => self.of_request.guarded_by(),
            Whose::Innermost => None,
            Whose::Of(routes) => Some(routes),
        };
        if named.is_some_and(|it| it != self.auth.routes()) {
            return None;
        }
        self.of_request.at_once(self.auth, self.cookie, self.used)
    }
}
