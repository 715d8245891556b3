//! The sessions of an app: what flows ask for all that becomes of one.

use std::sync::Arc;

use crate::clock::UnixSeconds;
use crate::error::RefreshError;
use crate::session::Session;
use crate::state::{Cluster, SingleFlight};
use crate::store::{SessionStore, SharedState, Timeout};

use super::action::Activity;
use super::context::Context;
use super::home::Home;
use super::sealed::SealedSession;

pub(crate) struct Sessions {
    pub(super) context: Arc<Context>,
    pub(super) home: Home,
    pub(super) refreshes: SingleFlight<SealedSession, RefreshError, RefreshError>,
}

impl Sessions {
    /// Sessions in cookies.
    pub(crate) fn new(context: Context) -> Self {
        Self {
            home: Home::cookies(&context),
            context: Arc::new(context),
            refreshes: SingleFlight::new(),
        }
    }

    /// Keeps sessions in a store.
    pub(crate) fn keep_in(&mut self, records: Arc<dyn SessionStore>) {
        self.home = Home::store(&self.context, records);
    }

    /// Shares with other machines what must be shared. The first state that is set stays.
    pub(crate) fn share(&self, state: Arc<dyn SharedState>) {
        let cluster = self.context.cluster_over(Timeout::new(state));
        if self.context.cluster.set(cluster).is_err() {
            tracing::error!("a shared state is set already; the second one is not used");
        }
    }

    /// Returns what machines share: by the app's own word, or else by the store.
    pub(crate) fn cluster(&self) -> Option<&Cluster> {
        self.home.cluster(&self.context)
    }

    /// Returns how many calls of the shared state and of the store have failed since the start.
    pub(crate) fn failures(&self) -> u64 {
        let cluster = self.context.cluster.get().map_or(0, Cluster::failures);
        cluster + self.home.failures()
    }

    /// Returns whether nobody is let in while it cannot be known what other machines say.
    pub(crate) fn must_know(&self) -> bool {
        self.home.must_know(&self.context)
    }

    /// Returns whether it has neither run out nor been ended here.
    pub(crate) fn is_alive(&self, session: &Session) -> bool {
        self.context.is_alive(session, self.context.clock.now())
    }

    /// Returns whether the use that a session notes is recent enough for a request of this activity.
    #[inline]
    pub(crate) fn is_fresh(&self, session: &Session, activity: Activity, now: UnixSeconds) -> bool {
        self.context.is_fresh(session, activity, now)
    }

    /// Returns whether a session is known to be as it came, without a call to anywhere.
    pub(crate) fn is_known_current(&self, session: &Session, now: UnixSeconds) -> bool {
        self.home.is_known_current(&self.context, session, now)
    }

    /// Returns whether it was ended here, before its time.
    pub(crate) fn is_revoked(&self, session: &Session) -> bool {
        self.context.is_revoked(session)
    }
}
