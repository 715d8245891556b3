//! What other machines could not be told of a session, and are told later, while nobody waits for it.

use core::time::Duration;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::context::Context;
use crate::clock::UnixSeconds;
use crate::log;
use crate::session::SessionId;
use crate::state::{Cluster, StateNumber};
use crate::store::StateError;
use crate::types::spawn;

/// Places for what waits to be told.
static PLACES: Semaphore = Semaphore::const_new(1000);
/// How many seconds there are before each attempt: five minutes, all together.
const WAITS: [u64; 8] = [2, 4, 8, 16, 32, 64, 87, 87];

/// What has become of a session, which copies of its cookie must not survive.
#[derive(Debug, Clone, Copy)]
pub(super) enum News {
    Ended(SessionId),
    /// It has ended, and its browser has another one.
    Replaced(SessionId),
    /// Something was taken away from it at this time, so that what comes before this state is refused.
    Lessened(SessionId, StateNumber, UnixSeconds),
}

impl News {
    pub(super) async fn tell(self, cluster: &Cluster, context: &Context) -> Result<(), StateError> {
        match self {
            Self::Ended(id) => cluster.revoke_session(id, context.memory).await,
            Self::Replaced(id) => cluster.replace_session(id, context.memory).await,
            Self::Lessened(id, state, now) => {
                let max_age = context.spec.max_age;
                cluster.raise_minimum(id, state, now, max_age).await
            }
        }
    }

    /// Tells the other machines, if not now then later.
    pub(super) async fn tell_all(self, context: &Arc<Context>) {
        if let Some(cluster) = context.cluster.get()
            && self.tell(cluster, context).await.is_err()
        {
            self.tell_later(context);
        }
    }

    /// Tells the other machines later, by what the app shares with them. Without it there are none, or they read the
    /// record.
    pub(super) fn tell_later(self, context: &Arc<Context>) {
        if context.cluster.get().is_none() {
            return;
        }
        let Ok(place) = PLACES.try_acquire() else {
            log::error!("other machines were not told what has become of a session");
            return;
        };
        let context = Arc::clone(context);
        spawn(Box::pin(async move {
            let _place = place;
            for seconds in WAITS {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                if let Some(cluster) = context.cluster.get()
                    && self.tell(cluster, &context).await.is_ok()
                {
                    return;
                }
            }
            log::error!("other machines were not told what has become of a session");
        }));
    }
}
