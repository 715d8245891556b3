//! What nearly every request is: one of which nobody has to be asked. It is let in where its headers lie, before a
//! framework's request is put into the types of http 1; whatever else it is, the long way tells.

use std::sync::Arc;

use super::request_session::RequestSession;
use crate::auth::Auth;
use crate::clock::UnixSeconds;
use crate::flow::{App, FoundAtOnce};
use crate::path_rules::Demands;
use crate::session::Session;
use crate::types::Whose;

/// A request that changes nothing, within one session layer.
pub struct AtOnce<'r> {
    pub(crate) auth: &'r Auth,
    /// Opens its session.
    pub(crate) find: &'r dyn Fn(&App, UnixSeconds) -> Option<FoundAtOnce>,
    pub(crate) of_request: &'r Arc<RequestSession>,
}

impl AtOnce<'_> {
    /// Lets a request pass that meets what its path demands. `None`: it takes more to tell.
    pub(crate) fn meets(&self, demands: &Demands) -> Option<()> {
        let (session, now) = self.session(Whose::Innermost)?;
        let is_met = demands.policies().all(|it| it.allows(session, now));
        is_met.then_some(())
    }

    /// Returns the session, where it is of the sign-in that is asked about. `None`: it takes more to tell.
    pub(super) fn session(&self, whose: Whose) -> Option<(&Session, UnixSeconds)> {
        let named = self.of_request.named(whose);
        if named.is_some_and(|it| it != self.auth.routes()) {
            return None;
        }
        let (session, now) = self.of_request.at_once(self.auth, self.find)?;
        let session = session.as_ref().ok()?.as_ref()?;
        self.of_request.note_that_it_matters();
        Some((session, now))
    }
}
