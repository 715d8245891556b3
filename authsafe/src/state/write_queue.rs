//! Those of one process who want to write one session: one at a time, in the order in which they
//! came. So only one of them asks the other machines whether it may.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

use crate::session::SessionId;

/// How many may have or want the turn of one session at once.
const CAPACITY: usize = 256;
/// How long one waits for it at the most: as long as for another machine.
const PATIENCE: Duration = Duration::from_secs(27);

/// The queues of one process. There is one for each session that somebody is writing.
#[derive(Default)]
pub(crate) struct WriteQueue(Mutex<HashMap<SessionId, Waiting>>);

struct Waiting {
    queue: Arc<Queue<()>>,
    /// How many have or want it.
    count: usize,
}

/// The right to write a session, until it is dropped.
pub(crate) struct WritePermit<'a> {
    _first: OwnedMutexGuard<()>,
    _place: Place<'a>,
}

/// A place in a queue, kept by whoever waits and whoever has the turn.
struct Place<'a> {
    turns: &'a WriteQueue,
    id: SessionId,
}

impl WriteQueue {
    /// Waits for the right to write a session. `None`: too many want it, or for too long; or somebody has it,
    /// where nobody wants to wait.
    pub(crate) async fn enter(&self, id: SessionId, waits: bool) -> Option<WritePermit<'_>> {
        let (queue, place) = self.line_up(id, waits)?;
        let first = tokio::time::timeout(PATIENCE, queue.lock_owned()).await;
        Some(WritePermit {
            _first: first.ok()?,
            _place: place,
        })
    }

    fn line_up(&self, id: SessionId, waits: bool) -> Option<(Arc<Queue<()>>, Place<'_>)> {
        let most = if waits { CAPACITY } else { 1 };
        let mut waiting = self.waiting();
        let here = waiting.entry(id).or_insert_with(|| Waiting {
            queue: Arc::default(),
            count: 0,
        });
        if here.count >= most {
            return None;
        }
        here.count += 1;
        Some((Arc::clone(&here.queue), Place { turns: self, id }))
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<SessionId, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.turns.waiting();
        let is_last = waiting.get_mut(&self.id).is_none_or(|here| {
            here.count -= 1;
            here.count == 0
        });
        if is_last {
            waiting.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};

    const ID: SessionId = SessionId([1; 16]);

    #[tokio::test]
    async fn each_has_it_alone_and_nothing_is_left() {
        let (turns, inside) = (WriteQueue::default(), AtomicUsize::new(0));
        let one = async || {
            let _turn = turns.enter(ID, true).await.unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::Relaxed);
        };
        tokio::join!(one(), one(), one());
        assert!(turns.waiting().is_empty());
    }

    #[tokio::test]
    async fn who_does_not_want_to_wait_does_not() {
        let turns = WriteQueue::default();
        let turn = turns.enter(ID, false).await;
        assert!(turn.is_some());
        assert!(turns.enter(ID, false).await.is_none());
        assert!(turns.enter(SessionId([2; 16]), false).await.is_some());
        drop(turn);
        assert!(turns.enter(ID, false).await.is_some());
    }

    #[tokio::test]
    async fn who_goes_away_gives_the_place_free() {
        let turns = WriteQueue::default();
        let turn = turns.enter(ID, true).await;
        let moment = Duration::from_millis(1);
        let gone = tokio::time::timeout(moment, turns.enter(ID, true)).await;
        assert!(gone.is_err());
        drop(turn);
        assert!(turns.waiting().is_empty());
    }

    #[tokio::test]
    async fn there_is_an_end_to_a_queue() {
        let turns = WriteQueue::default();
        let places: Vec<_> = (0..CAPACITY).map(|_| turns.line_up(ID, true)).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(turns.enter(ID, true).await.is_none());
        drop(places);
        assert!(turns.enter(ID, true).await.is_some());
    }
}
