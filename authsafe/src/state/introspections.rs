//! Introspections about opaque tokens that are under way: how many, whose, and who waits for them.
//!
//! Whoever makes tokens up must not turn us against the provider, nor keep the good ones of others
//! out. So there is a bound to what is asked, each client has a part of it, and a share is kept for
//! tokens that were good before, which nobody makes up.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::timeout;

use super::token_cache::TokenHash;
use crate::error::GuardError;
use crate::session::Session;
use crate::types::spawn;

/// How many tokens are asked about at once at the most.
const AT_ONCE: usize = 48;
/// How many more where they were good before.
const SHARE: usize = 16;
/// How many tokens may be asked about or wait for it at once, of those that were never good: each is a
/// task of ours.
const STRANGERS: usize = 192;
/// How many of one client.
const PER_CLIENT: usize = 32;
/// How many of all that one proxy passes on without saying for whom.
const PER_PROXY: usize = 96;
/// How many of those that were good before.
const KNOWN: usize = 256;
/// How long one waits for its turn.
const WAIT: Duration = Duration::from_secs(2);

/// What is found out of a token.
pub(crate) type Found = Result<Session, GuardError>;

/// What is known of whoever shows a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// The token was good before.
    Known,
    /// Who may have made it up.
    Stranger(Stranger),
}

/// Whoever shows a token that was never good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// Of this address.
    Client(IpAddr),
    /// One of those behind this address, who knows how many.
    PassedOnBy(IpAddr),
    /// Who serves the app gives no addresses.
    Unknown,
}

impl Stranger {
    /// Returns how many of its tokens may be asked about or wait for it at once.
    const fn bound(self) -> usize {
        match self {
            Self::Client(_) => PER_CLIENT,
            Self::PassedOnBy(_) => PER_PROXY,
            Self::Unknown => STRANGERS,
        }
    }
}

/// The questions of one process.
#[derive(Clone)]
pub(crate) struct Introspections(Arc<Inner>);

struct Inner {
    under_way: Mutex<HashMap<TokenHash, Question>>,
    at_once: Semaphore,
    share: Semaphore,
}

struct Question {
    asker: Asker,
    answer: watch::Receiver<Option<Found>>,
}

/// Takes its question away, however it ends.
struct Ends<'a>(&'a Inner, TokenHash);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.under_way().remove(&self.1);
    }
}

impl Introspections {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inner {
            under_way: Mutex::default(),
            at_once: Semaphore::new(AT_ONCE),
            share: Semaphore::new(SHARE),
        }))
    }

    /// The answer to `question`, or to the same one of somebody else: one for all who show a token at
    /// once. `None`: there are too many already.
    ///
    /// It is asked in a task of its own: nothing is remembered of a question that was dropped, so
    /// whoever goes away and comes back could have it asked over and over.
    pub(crate) async fn ask(
        &self,
        token: TokenHash,
        asker: Asker,
        question: impl Future<Output = Found> + Send + 'static,
    ) -> Option<Found> {
        let mut answer = self.join(token, asker, question)?;
        let answer = answer.wait_for(Option::is_some).await;
        // It has fallen over, or its turn has not come.
        answer.ok()?.clone()
    }

    fn join(
        &self,
        token: TokenHash,
        asker: Asker,
        question: impl Future<Output = Found> + Send + 'static,
    ) -> Option<watch::Receiver<Option<Found>>> {
        let mut under_way = self.0.under_way();
        if let Some(same) = under_way.get(&token) {
            return Some(same.answer.clone());
        }
        let askers = under_way.values().map(|it| it.asker);
        if !has_room(askers, asker) {
            return None;
        }
        let (tell, answer) = watch::channel(None);
        let same = answer.clone();
        under_way.insert(token, Question { asker, answer });
        drop(under_way);
        let all = Arc::clone(&self.0);
        spawn(Box::pin(async move {
            let ends = Ends(&all, token);
            let Some(_turn) = all.turn(asker).await else {
                return;
            };
            let found = question.await;
            drop(ends);
            tell.send_replace(Some(found));
        }));
        Some(same)
    }
}

impl Inner {
    fn under_way(&self) -> MutexGuard<'_, HashMap<TokenHash, Question>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. `None`: it does not come in time.
    async fn turn(&self, asker: Asker) -> Option<SemaphorePermit<'_>> {
        let turns = match (asker, self.at_once.try_acquire()) {
            (_, Ok(turn)) => return Some(turn),
            (Asker::Known, Err(_)) => &self.share,
            (Asker::Stranger(_), Err(_)) => &self.at_once,
        };
        timeout(WAIT, turns.acquire()).await.ok()?.ok()
    }
}

/// Returns whether there is room for one more question, beside those of `askers`.
fn has_room(askers: impl Iterator<Item = Asker>, asker: Asker) -> bool {
    let (mut known, mut strangers, mut same) = (0, 0, 0);
    for other in askers {
        match other {
            Asker::Known => known += 1,
            Asker::Stranger(_) => {
                strangers += 1;
                same += usize::from(other == asker);
            }
        }
    }
    match asker {
        Asker::Known => known < KNOWN,
        Asker::Stranger(stranger) => strangers < STRANGERS && same < stranger.bound(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use tokio::task::yield_now;

    const STRANGER: Asker = Asker::Stranger(Stranger::Unknown);

    fn token(number: usize) -> TokenHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    fn client(last: u8) -> Asker {
        Asker::Stranger(Stranger::Client(IpAddr::from([192, 0, 2, last])))
    }

    /// Asks without waiting for the answer, which never comes.
    fn keep_asking(questions: &Introspections, number: usize, asker: Asker) -> bool {
        let question = core::future::pending();
        questions.join(token(number), asker, question).is_some()
    }

    fn under_way(questions: &Introspections) -> usize {
        questions.0.under_way().len()
    }

    #[tokio::test]
    async fn a_question_is_asked_once_for_all_who_have_it_and_again_by_the_next() {
        let (questions, asked) = (Introspections::new(), Arc::new(AtomicUsize::new(0)));
        let one = || {
            let asked = Arc::clone(&asked);
            questions.ask(token(1), STRANGER, async move {
                yield_now().await;
                asked.fetch_add(1, Ordering::Relaxed);
                Err(GuardError::InvalidToken)
            })
        };
        let refused = Some(GuardError::InvalidToken);
        let (a, b) = tokio::join!(one(), one());
        assert_eq!((a.unwrap().err(), b.unwrap().err()), (refused, refused));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        assert_eq!(one().await.unwrap().err(), refused);
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        assert_eq!(under_way(&questions), 0);
    }

    #[tokio::test]
    async fn a_question_goes_on_though_who_asked_it_goes_away() {
        let (questions, asked) = (Introspections::new(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..5 {
            let asked = Arc::clone(&asked);
            let ask = questions.ask(token(1), STRANGER, async move {
                asked.fetch_add(1, Ordering::Relaxed);
                core::future::pending().await
            });
            assert!(timeout(Duration::from_millis(5), ask).await.is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn one_that_falls_over_is_gone() {
        let questions = Introspections::new();
        let fallen = questions.ask(token(1), STRANGER, async { panic!("fell over") });
        assert!(fallen.await.is_none());
        assert_eq!(under_way(&questions), 0);
    }

    #[tokio::test]
    async fn tokens_that_were_good_before_have_a_share_that_made_up_ones_do_not_take() {
        let questions = Introspections::new();
        for number in 0..1000 {
            keep_asking(&questions, number, STRANGER);
        }
        // No more tasks than that, whatever comes.
        assert_eq!(under_way(&questions), STRANGERS);
        let ask = |number, asker| {
            questions.ask(token(number), asker, async {
                Err(GuardError::InvalidToken)
            })
        };
        assert!(ask(2000, STRANGER).await.is_none());
        assert!(ask(2001, Asker::Known).await.is_some());
        for number in 3000..3000 + SHARE {
            assert!(keep_asking(&questions, number, Asker::Known));
        }
        // Its share is used up; and nobody waits for ever.
        yield_now().await;
        assert!(ask(2002, Asker::Known).await.is_none());
        tokio::time::sleep(WAIT / 10).await;
        assert_eq!(under_way(&questions), AT_ONCE + SHARE);
    }

    #[tokio::test]
    async fn one_client_has_a_part_of_it() {
        let questions = Introspections::new();
        let asked = (0..1000).filter(|&number| keep_asking(&questions, number, client(1)));
        assert_eq!(asked.count(), PER_CLIENT);
        let other = questions.ask(token(2000), client(2), async {
            Err(GuardError::InvalidToken)
        });
        assert!(other.await.is_some());
    }

    #[tokio::test]
    async fn those_that_one_proxy_passes_on_keep_out_no_other_client() {
        let questions = Introspections::new();
        let passed_on = Asker::Stranger(Stranger::PassedOnBy(IpAddr::from([192, 0, 2, 1])));
        let asked = (0..1000).filter(|&number| keep_asking(&questions, number, passed_on));
        assert_eq!(asked.count(), PER_PROXY);
        assert!(keep_asking(&questions, 2000, client(1)));
    }
}
