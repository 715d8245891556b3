//! What one app tells its other machines: sessions that were revoked, refreshes that are done,
//! sign-ins that are finished, calls that were made.

use core::convert::Infallible;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::sync::atomic::{AtomicU64, Ordering};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::URL_SAFE_NO_PAD;

use super::minimum_states::{MinimumState, Standing, StateNumber};
use super::revocations::{AllOf, RevocableBy, later_end};
use super::single_flight::{GRACE, RenewalKey, Shared};
use super::token_cache::TokenHash;
use crate::clock::{self, Clock, FineTime, UnixSeconds};
use crate::error::ProviderError;
use crate::log;
use crate::session::SessionId;
use crate::session::seal::{Keys, Purpose};
use crate::store::{Prefixed, SharedState, StateError, Timeout};
use crate::types::{Boxed, Subject, Subjects};

/// How long a machine leads without a word. When it dies in the middle, the others wait for this.
const LEASE: Duration = Duration::from_secs(4);
/// How often it gives word while it leads.
const RENEWAL: Duration = Duration::from_secs(1);
/// How often those who wait look whether the refresh is done.
const LOOK: Duration = Duration::from_millis(25);
/// How long those who wait for a callback find what it has brought: many looks.
const FOLLOWERS: Duration = Duration::from_secs(2);
/// How often they look at the most: longer than any exchange takes (a token call and two fetches of
/// keys, of 5 seconds at the most each) after one that has died.
const LOOKS: u32 = 1100;

/// For how long after its start a process may have others of the version before beside it.
const UPGRADE: Duration = Duration::from_secs(3600);
/// How often one looks whether another machine has renewed a session whose refresh token is spent.
pub(crate) const ELSEWHERE_LOOKS: u32 = 3;
/// How long between two of these looks.
pub(crate) const ELSEWHERE_PAUSE: Duration = Duration::from_millis(200);

/// The shared state of an app.
#[derive(Debug)]
pub(crate) struct Cluster {
    state: Prefixed<dyn SharedState>,
    /// Since when this process is there.
    since: UnixSeconds,
    keys: Arc<Keys>,
    sleep: fn(Duration) -> Boxed<'static, ()>,
    failures: AtomicU64,
}

impl Cluster {
    /// Over a state of all apps.
    ///
    /// `prefix` is what each key of this app begins with.
    pub(crate) fn new(
        prefix: &str,
        keys: Arc<Keys>,
        clock: &Clock,
        state: Timeout<dyn SharedState>,
    ) -> Self {
        Self {
            state: Prefixed::new(prefix, Arc::new(state)),
            since: clock.now(),
            keys,
            sleep: |time| Box::pin(tokio::time::sleep(time)),
            failures: AtomicU64::new(0),
        }
    }

    /// Returns how many calls have failed since the start: a metric.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Asks whether it answers, and says nothing in the log where it does not.
    pub(crate) async fn answers(&self) -> Result<(), StateError> {
        self.state.get(&["start"]).await.map(drop)
    }

    /// Counts and logs a failure.
    fn noted<T>(&self, result: Result<T, StateError>) -> Result<T, StateError> {
        result.inspect_err(|error| {
            let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
            log::error!(%error, failures, "the shared state failed");
        })
    }

    /// Tells all machines that a session has ended.
    pub(crate) async fn revoke_session(
        &self,
        id: SessionId,
        ttl: Duration,
    ) -> Result<(), StateError> {
        self.noted(self.state.put(&session_key(id), b"", ttl).await)
    }

    /// Tells all machines that a session has ended, and that its browser has another one.
    pub(crate) async fn replace_session(
        &self,
        id: SessionId,
        ttl: Duration,
    ) -> Result<(), StateError> {
        let replaced = self.state.put(&replaced_key(id), b"", ttl).await;
        self.revoke_session(id, ttl).await.and(self.noted(replaced))
    }

    /// Returns whether another session has come in the place of this one, on any machine.
    pub(crate) async fn is_replaced(&self, id: SessionId) -> Result<bool, StateError> {
        self.is_there(&replaced_key(id)).await
    }

    /// Tells all machines that all of these that began until `now` have ended.
    pub(crate) async fn revoke(
        &self,
        all: &AllOf<'_>,
        now: FineTime,
        ttl: Duration,
    ) -> Result<(), StateError> {
        let key = match *all {
            AllOf::User(user) => user_key(user),
            AllOf::ProviderSession(sid) => provider_session_key(sid),
            AllOf::Unlinked(user) => unlinked_key(user),
        };
        // Where it cannot be read now, it may be written all the same.
        let before = self.value(&key).await.ok().flatten();
        let until = later_end(before.map(|it| ended_at(&it)), now);
        self.noted(self.state.put(&key, &end(until), ttl).await)
    }

    /// Returns whether any machine has ended this session, or taken something away from it since `state`. `None`: it
    /// has no states but one.
    pub(crate) async fn standing(
        &self,
        session: &RevocableBy<'_>,
        state: Option<StateNumber>,
        now: UnixSeconds,
    ) -> Result<Standing, StateError> {
        let (id, user) = (session_key(session.id), user_key(session.user));
        let minimum = state.map(|_| minimum_key(session.id));
        let by_provider = match session.provider_session {
            Some(sid) => provider_session_key(sid),
            None => unlinked_key(session.user),
        };
        let mut keys = vec![id.as_str(), &user, &by_provider];
        let of_ends = keys.len();
        keys.extend(minimum.as_deref());
        let is_ended_by = |values: &[Option<Vec<u8>>]| {
            let (first, others) = values.split_first().unzip();
            let is_ended = first.is_some_and(Option::is_some);
            let ends = others.into_iter().flatten().flatten();
            is_ended || ends.map(|end| ended_at(end)).any(|at| session.began <= at)
        };
        // What has ended under the version before has ended. Of sessions that began after it nothing
        // is asked there, where other apps may end users of the same name.
        let may_be_before = session.began.seconds <= self.since.saturating_add(UPGRADE.as_secs());
        // It took every provider for AuthSafe.
        let user_before = user_key(Subjects::AuthSafe.of(session.user.as_str()));
        let keys_before: &[&str] = match may_be_before {
            true => &[&id, &user_before, &by_provider],
            false => &[],
        };
        let asked = self.state.get_with_before(&keys, keys_before).await;
        let (values, before) = self.noted(asked)?;
        let (ends, minimum) = values.split_at(of_ends.min(values.len()));
        if is_ended_by(ends) || is_ended_by(&before) {
            return Ok(Standing::Over);
        }
        Ok(match (minimum, state) {
            ([Some(minimum)], Some(state)) => MinimumState::decode(minimum).judge(state, now),
            _ => Standing::Current,
        })
    }

    /// Tells all machines to refuse what comes before `state` of a session: from a moment after
    /// `now` on.
    pub(crate) async fn raise_minimum(
        &self,
        id: SessionId,
        state: StateNumber,
        now: UnixSeconds,
        ttl: Duration,
    ) -> Result<(), StateError> {
        let key = minimum_key(id);
        // Where it cannot be read now, it may be written all the same.
        let before = self.value(&key).await.unwrap_or_default();
        let before = before.map(|minimum| MinimumState::decode(&minimum));
        let minimum = MinimumState::raised(before, state, now);
        match before == Some(minimum) {
            true => Ok(()),
            false => self.noted(self.state.put(&key, &minimum.encode(), ttl).await),
        }
    }

    /// The result of a refresh that was done a moment ago, on whatever machine.
    pub(crate) async fn refreshed(&self, key: RenewalKey) -> Option<String> {
        self.result(&flight_key(key)).await.unwrap_or_default()
    }

    /// The result of another machine's refresh, which was faster with the refresh token that both have
    /// spent: leases may be lost. It may still be on its way.
    pub(crate) async fn refreshed_elsewhere(&self, key: RenewalKey) -> Option<String> {
        for look in 1..=ELSEWHERE_LOOKS {
            if let Some(refreshed) = self.refreshed(key).await {
                return Some(refreshed);
            }
            if look < ELSEWHERE_LOOKS {
                (self.sleep)(ELSEWHERE_PAUSE).await;
            }
        }
        None
    }

    /// Tells all machines of a refresh token of the app's own, by its hash, for `ttl`.
    pub(crate) async fn note_refresh_token(
        &self,
        token: &TokenHash,
        ttl: Duration,
    ) -> Result<(), StateError> {
        self.noted(self.state.put(&refresh_token_key(token), b"", ttl).await)
    }

    /// Returns whether it is a refresh token of the app's own, on any machine.
    pub(crate) async fn is_refresh_token(&self, token: &TokenHash) -> Result<bool, StateError> {
        self.is_there(&refresh_token_key(token)).await
    }

    /// Returns whether this is the first time that any machine is shown this sign-in, or this logout token.
    pub(crate) async fn is_first_use(
        &self,
        label: &str,
        ttl: Duration,
    ) -> Result<bool, StateError> {
        let key = format!("used:{label}");
        let me = clock::random::<16>().map_err(StateError::new)?;
        self.noted(self.state.put_new(&key, &me, ttl).await)
    }

    /// Notes that what it was used for is done: it stays used for `ttl`.
    pub(crate) async fn keep_use(&self, label: &str, ttl: Duration) -> Result<(), StateError> {
        let key = format!("used:{label}");
        self.noted(self.state.put(&key, b"", ttl).await)
    }

    /// As if it had not been used: what it was used for has failed.
    pub(crate) async fn forget_use(&self, label: &str) {
        let key = format!("used:{label}");
        if let Ok(Some(me)) = self.value(&key).await {
            let _ = self.noted(self.state.remove_if(&key, &me).await);
        }
    }

    /// Keeps a form for `ttl`, for any machine to take.
    pub(crate) async fn keep_form(
        &self,
        id: &str,
        form: &[u8],
        ttl: Duration,
    ) -> Result<(), StateError> {
        let key = form_key(id);
        let sealed = self.keys.seal(Purpose::Shared, &key, form, None);
        let sealed = sealed.map_err(StateError::new)?;
        self.noted(self.state.put(&key, sealed.as_bytes(), ttl).await)
    }

    /// Takes a form, once: whoever comes second finds none.
    pub(crate) async fn take_form(
        &self,
        id: &str,
        ttl: Duration,
    ) -> Result<Option<Vec<u8>>, StateError> {
        let key = form_key(id);
        let Some(sealed) = self.value(&key).await? else {
            return Ok(None);
        };
        if !self.is_first_use(&key, ttl).await? {
            return Ok(None);
        }
        let _ = self.noted(self.state.remove_if(&key, &sealed).await);
        Ok(self.keys.open_first(Purpose::Shared, &key, &sealed))
    }

    /// Returns how often a client has called an endpoint since the counter began.
    pub(crate) async fn count(&self, what: &str, per: Duration) -> Result<u64, StateError> {
        let key = format!("rate:{what}");
        self.noted(self.state.count(&key, per).await)
    }

    /// One refresh among all machines: of the one that leads, the result of `exchange`, whose `value` the
    /// others get. Where the shared state fails, this process makes its own.
    pub(crate) async fn single_flight<T, E: From<ProviderError>>(
        &self,
        key: RenewalKey,
        exchange: impl Future<Output = Result<T, E>>,
        value: fn(&T) -> &str,
    ) -> Result<Shared<T, String>, E> {
        let name = flight_key(key);
        let lock = format!("{name}:lead");
        let Ok(me) = clock::random::<16>() else {
            return exchange.await.map(Shared::Led);
        };
        for _ in 0..LOOKS {
            match self.result(&name).await {
                Ok(Some(result)) => return Ok(Shared::Followed(result)),
                Ok(None) => {}
                Err(_) => return exchange.await.map(Shared::Led),
            }
            match self.noted(self.state.put_new(&lock, &me, LEASE).await) {
                Ok(true) => return self.lead(&name, &lock, &me, exchange, value).await,
                Ok(false) => (self.sleep)(LOOK).await,
                Err(_) => return exchange.await.map(Shared::Led),
            }
        }
        Err(ProviderError::Unavailable.into())
    }

    /// Answers a callback, and tells machines that wait for it what it brings: `value`, which is kept for them
    /// alone.
    pub(crate) async fn lead_callback<T, E>(
        &self,
        label: &str,
        work: impl Future<Output = Result<T, E>>,
        value: fn(&T) -> Option<String>,
    ) -> Result<T, E> {
        let name = callback_key(label);
        let lock = format!("{name}:lead");
        let Ok(me) = clock::random::<16>() else {
            return work.await;
        };
        let leads = self.noted(self.state.put_new(&lock, &me, LEASE).await);
        if !leads.unwrap_or(false) {
            return work.await;
        }
        let done = self.while_renewing(&lock, &me, work).await;
        let waits = self.is_there(&format!("{name}:waits")).await;
        if let (Ok(done), Ok(true)) = (&done, waits)
            && let Some(value) = value(done)
        {
            self.publish(&name, &value, FOLLOWERS).await;
        }
        let _ = self.noted(self.state.remove_if(&lock, &me).await);
        done
    }

    /// Waits for a callback that another machine answers now. `None`: none does, or it brings nothing.
    pub(crate) async fn follow_callback(&self, label: &str) -> Option<String> {
        let name = callback_key(label);
        let lock = format!("{name}:lead");
        for look in 0..LOOKS {
            let is_led = self.is_there(&lock).await.ok()?;
            if let Some(result) = self.result(&name).await.ok()? {
                return Some(result);
            }
            if !is_led {
                return None;
            }
            if look == 0 {
                let waits = format!("{name}:waits");
                let told = self.state.put(&waits, b"", GRACE).await;
                self.noted(told).ok()?;
            }
            (self.sleep)(LOOK).await;
        }
        None
    }

    async fn value(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        let values = self.noted(self.state.get(&[key]).await)?;
        Ok(values.into_iter().next().flatten())
    }

    async fn is_there(&self, key: &str) -> Result<bool, StateError> {
        Ok(self.value(key).await?.is_some())
    }

    /// Does what no other machine does for the same session at the same time. Where the shared
    /// state fails, this process does it all the same. `None`: somebody else is at it, for too long,
    /// or now where nobody wants to wait.
    pub(crate) async fn exclusively<T>(
        &self,
        session: SessionId,
        waits: bool,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let lock = format!("writing:{session}");
        let Ok(me) = clock::random::<16>() else {
            return Some(work.await);
        };
        let looks = if waits { LOOKS } else { 1 };
        for _ in 0..looks {
            match self.noted(self.state.put_new(&lock, &me, LEASE).await) {
                Ok(true) => {
                    let done = self.while_renewing(&lock, &me, work).await;
                    let _ = self.noted(self.state.remove_if(&lock, &me).await);
                    return Some(done);
                }
                Ok(false) if waits => (self.sleep)(LOOK).await,
                Ok(false) => {}
                Err(_) => return Some(work.await),
            }
        }
        None
    }

    async fn lead<T, E>(
        &self,
        name: &str,
        lock: &str,
        me: &[u8],
        exchange: impl Future<Output = Result<T, E>>,
        value: fn(&T) -> &str,
    ) -> Result<Shared<T, String>, E> {
        // It may have come between the look and the lock.
        let shared = match self.result(name).await {
            Ok(Some(result)) => Ok(Shared::Followed(result)),
            _ => self
                .while_renewing(lock, me, exchange)
                .await
                .map(Shared::Led),
        };
        match &shared {
            Ok(Shared::Led(result)) => self.publish(name, value(result), GRACE).await,
            Ok(Shared::Followed(result)) => self.publish(name, result, GRACE).await,
            Err(_) => {}
        }
        let _ = self.noted(self.state.remove_if(lock, me).await);
        shared
    }

    /// Does what a lock is for, and renews that meanwhile.
    async fn while_renewing<T>(&self, lock: &str, me: &[u8], work: impl Future<Output = T>) -> T {
        let renewals = async {
            loop {
                (self.sleep)(RENEWAL).await;
                // One that is lost is not taken back: somebody else has it.
                let _ = self.noted(self.state.renew_if(lock, me, LEASE).await);
            }
        };
        let (mut work, mut renewals) = (pin!(work), pin!(renewals));
        poll_fn(|context| {
            let done = work.as_mut().poll(context);
            if done.is_pending() {
                let _: Poll<Infallible> = renewals.as_mut().poll(context);
            }
            done
        })
        .await
    }

    async fn result(&self, name: &str) -> Result<Option<String>, StateError> {
        let sealed = self.value(name).await?;
        // Sealed under the cookie keys: a dump of the state signs nobody in, and what somebody
        // else writes there is nothing.
        Ok(sealed
            .and_then(|sealed| self.keys.open_first(Purpose::Shared, name, &sealed))
            .and_then(|value| String::from_utf8(value).ok()))
    }

    async fn publish(&self, name: &str, value: &str, ttl: Duration) {
        if let Ok(sealed) = self
            .keys
            .seal(Purpose::Shared, name, value.as_bytes(), None)
        {
            let _ = self.noted(self.state.put(name, sealed.as_bytes(), ttl).await);
        }
    }
}

/// The time of an end: its seconds in 8 bytes, and its nanoseconds in 4.
fn end(at: FineTime) -> [u8; 12] {
    let mut end = [0; 12];
    let (seconds, nanos) = end.split_at_mut(8);
    seconds.copy_from_slice(&at.seconds.to_be_bytes());
    nanos.copy_from_slice(&at.nanos.to_be_bytes());
    end
}

/// Reads an end. The version before told the second, and it is all of that; a value that cannot be read is a
/// refusal, not a licence.
fn ended_at(end: &[u8]) -> FineTime {
    let unreadable = FineTime::last_of(UnixSeconds::MAX);
    let Some((seconds, nanos)) = end.split_first_chunk() else {
        return unreadable;
    };
    let seconds = u64::from_be_bytes(*seconds);
    match (nanos, <[u8; 4]>::try_from(nanos)) {
        ([], _) => FineTime::last_of(seconds),
        (_, Ok(nanos)) => {
            let nanos = u32::from_be_bytes(nanos);
            FineTime { seconds, nanos }
        }
        _ => unreadable,
    }
}

fn session_key(id: SessionId) -> String {
    format!("ended:session:{id}")
}

fn replaced_key(id: SessionId) -> String {
    format!("replaced:{id}")
}

fn minimum_key(id: SessionId) -> String {
    format!("floor:{id}")
}

fn user_key(user: Subject<&str>) -> String {
    format!("ended:user:{}", hash(user.name()))
}

fn form_key(id: &str) -> String {
    format!("form:{}", hash(id))
}

fn provider_session_key(sid: &str) -> String {
    format!("ended:sid:{}", hash(sid))
}

fn refresh_token_key(token: &TokenHash) -> String {
    format!("held:{}", URL_SAFE_NO_PAD.encode_to_string(token))
}

fn unlinked_key(user: Subject<&str>) -> String {
    format!("ended:stray:{}", hash(user.name()))
}

/// A name of any length and alphabet as a short ASCII one, which says nothing of it.
pub(crate) fn hash(name: &str) -> String {
    URL_SAFE_NO_PAD.encode_to_string(digest(&SHA256, name.as_bytes()))
}

fn callback_key(label: &str) -> String {
    format!("callback:{label}")
}

fn flight_key((id, renewals): RenewalKey) -> String {
    format!("flight:{id}:{renewals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_to_the_nanosecond_and_that_of_before_is_all_of_its_second() {
        let (seconds, nanos) = (100, 7);
        let at = FineTime { seconds, nanos };
        assert_eq!(ended_at(&end(at)), at);
        assert_eq!(ended_at(&100_u64.to_be_bytes()), FineTime::last_of(100));
        for unreadable in [&b""[..], b"1", &[0; 9], &[0; 11], &[0; 13]] {
            let never = FineTime::last_of(UnixSeconds::MAX);
            assert_eq!(ended_at(unreadable), never, "{unreadable:?}");
        }
    }
}

/// Every interleaving of machines on one shared state, each of which may fail, or die at any point.
#[cfg(test)]
mod model {
    use core::sync::atomic::AtomicUsize;
    use std::cell::RefCell;
    use std::collections::HashMap;
    use std::panic::AssertUnwindSafe;
    use std::sync::Mutex;
    use std::task::Waker;

    use shuttle::current::{TaskId, me};
    use shuttle::future::{block_on, spawn, yield_now};

    use super::*;
    use crate::store::StateFuture;

    const KEY: RenewalKey = (SessionId([1; 16]), 0);

    /// What becomes of a machine.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Fate {
        Succeeds,
        Fails,
        /// It dies after it has been polled so often.
        Dies(usize),
    }

    impl From<ProviderError> for Fate {
        fn from(_: ProviderError) -> Self {
            unreachable!("somebody has waited for longer than anybody may")
        }
    }

    /// A shared state, in which a lease lapses once its machine is dead, at some time.
    #[derive(Debug, Clone, Default)]
    struct World(Arc<Mutex<Values>>);

    #[derive(Debug, Default)]
    struct Values {
        values: HashMap<String, (Vec<u8>, TaskId)>,
        /// How often they have changed, and what of that each machine has seen.
        changes: usize,
        seen: HashMap<TaskId, usize>,
        sleeping: Vec<Waker>,
    }

    thread_local! {
        static WORLD: RefCell<World> = RefCell::default();
    }

    impl Values {
        fn changed(&mut self) {
            self.changes += 1;
            self.sleeping.drain(..).for_each(Waker::wake);
        }
    }

    impl World {
        /// One step of a machine, in which no other does one.
        async fn step<T>(&self, step: impl FnOnce(&mut Values) -> T) -> T {
            yield_now().await;
            let mut values = self.0.lock().unwrap();
            let changes = values.changes;
            values.seen.insert(me(), changes);
            step(&mut values)
        }

        /// Waits: who looks again looks when something has changed since; a lease that is renewed does not
        /// lapse.
        fn sleep(time: Duration) -> Boxed<'static, ()> {
            if time == RENEWAL {
                return Box::pin(core::future::pending());
            }
            let world = WORLD.with_borrow(World::clone);
            Box::pin(poll_fn(move |context| {
                let mut values = world.0.lock().unwrap();
                if values.seen.get(&me()) != Some(&values.changes) {
                    return Poll::Ready(());
                }
                values.sleeping.push(context.waker().clone());
                Poll::Pending
            }))
        }

        async fn lapse(&self, dead: TaskId) {
            yield_now().await;
            let mut values = self.0.lock().unwrap();
            let is_lease = |key: &str| key.ends_with(":lead") || key.contains("writing:");
            values
                .values
                .retain(|key, (_, owner)| *owner != dead || !is_lease(key));
            values.changed();
        }

        fn keys(&self) -> Vec<String> {
            self.0.lock().unwrap().values.keys().cloned().collect()
        }
    }

    impl SharedState for World {
        fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
            Box::pin(async {
                let get = |values: &mut Values| {
                    let get = |key: &&str| Some(values.values.get(*key)?.0.clone());
                    keys.iter().map(get).collect()
                };
                Ok(self.step(get).await)
            })
        }

        fn put<'a>(&'a self, key: &'a str, value: &'a [u8], _: Duration) -> StateFuture<'a, ()> {
            Box::pin(async move {
                let put = |values: &mut Values| {
                    let value = (value.to_vec(), me());
                    values.values.insert(key.to_owned(), value);
                    values.changed();
                };
                self.step(put).await;
                Ok(())
            })
        }

        fn put_new<'a>(
            &'a self,
            key: &'a str,
            value: &'a [u8],
            _: Duration,
        ) -> StateFuture<'a, bool> {
            Box::pin(async move {
                let put = |values: &mut Values| {
                    let is_new = !values.values.contains_key(key);
                    if is_new {
                        let value = (value.to_vec(), me());
                        values.values.insert(key.to_owned(), value);
                        values.changed();
                    }
                    is_new
                };
                Ok(self.step(put).await)
            })
        }

        fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
            Box::pin(async move {
                let remove = |values: &mut Values| {
                    if values.values.get(key).is_some_and(|(it, _)| it == value) {
                        values.values.remove(key);
                        values.changed();
                    }
                };
                self.step(remove).await;
                Ok(())
            })
        }

        fn count<'a>(&'a self, _: &'a str, _: Duration) -> StateFuture<'a, u64> {
            unreachable!("nobody counts")
        }
    }

    /// What machines do in the place of the exchange, or of a write.
    #[derive(Default)]
    struct Work {
        under_way: AtomicUsize,
        done: AtomicUsize,
    }

    struct UnderWay<'a>(&'a Work);

    impl Drop for UnderWay<'_> {
        fn drop(&mut self) {
            self.0.under_way.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Work {
        async fn work(&self, fate: Fate) -> Result<String, Fate> {
            let others = self.under_way.fetch_add(1, Ordering::SeqCst);
            let _under_way = UnderWay(self);
            assert_eq!(others, 0, "two at once");
            yield_now().await;
            match fate {
                Fate::Fails => Err(fate),
                _ => {
                    self.done.fetch_add(1, Ordering::SeqCst);
                    Ok("new tokens".to_owned())
                }
            }
        }
    }

    fn machine(keys: &Arc<Keys>, world: &World) -> Cluster {
        let state: Arc<dyn SharedState> = Arc::new(world.clone());
        Cluster {
            state: Prefixed::new("", state),
            since: 0,
            keys: Arc::clone(keys),
            sleep: World::sleep,
            failures: AtomicU64::new(0),
        }
    }

    /// Lives until its fate, then its lease lapses. `None`: it has died.
    async fn live<T>(world: World, fate: Fate, life: impl Future<Output = T>) -> Option<T> {
        let lived = {
            let (mut life, mut polls) = (pin!(life), 0);
            poll_fn(move |context| {
                if fate == Fate::Dies(polls) {
                    return Poll::Ready(None);
                }
                polls += 1;
                let lived = life.as_mut().poll(context);
                if lived.is_pending() && fate == Fate::Dies(polls) {
                    context.waker().wake_by_ref();
                }
                lived.map(Some)
            })
            .await
        };
        if lived.is_none() {
            world.lapse(me()).await;
        }
        lived
    }

    fn refresh(keys: &Arc<Keys>, fates: &[Fate]) {
        let (world, work) = (World::default(), Arc::new(Work::default()));
        WORLD.set(world.clone());
        let machines: Vec<_> = fates
            .iter()
            .map(|&fate| {
                let (cluster, work) = (machine(keys, &world), Arc::clone(&work));
                let state = world.clone();
                let life = async move {
                    let exchange = async {
                        let is_done = state.keys().iter().any(|it| !it.ends_with(":lead"));
                        assert!(!is_done, "it is done already");
                        work.work(fate).await
                    };
                    cluster.single_flight(KEY, exchange, String::as_str).await
                };
                spawn(live(world.clone(), fate, life))
            })
            .collect();
        for (machine, fate) in machines.into_iter().zip(fates) {
            match block_on(machine).unwrap() {
                Some(Ok(Shared::Led(result) | Shared::Followed(result))) => {
                    assert_eq!(result, "new tokens");
                }
                Some(Err(_)) => assert_eq!(*fate, Fate::Fails),
                None => assert!(matches!(fate, Fate::Dies(_))),
            }
        }
        // Whoever dies with an exchange that has been made takes its result along.
        let dying = fates.iter().filter(|it| matches!(it, Fate::Dies(_)));
        assert!(work.done.load(Ordering::SeqCst) <= 1 + dying.count());
        assert!(!world.keys().iter().any(|key| key.ends_with(":lead")));
    }

    fn write(keys: &Arc<Keys>, fates: &[Fate]) {
        let (world, work) = (World::default(), Arc::new(Work::default()));
        WORLD.set(world.clone());
        let machines: Vec<_> = fates
            .iter()
            .map(|&fate| {
                let (cluster, work) = (machine(keys, &world), Arc::clone(&work));
                let life = async move {
                    let written = cluster.exclusively(SessionId([1; 16]), true, work.work(fate));
                    written.await
                };
                spawn(live(world.clone(), fate, life))
            })
            .collect();
        let mut written = 0;
        for (machine, fate) in machines.into_iter().zip(fates) {
            match block_on(machine).unwrap() {
                Some(done) => written += usize::from(done.unwrap().is_ok()),
                None => assert!(matches!(fate, Fate::Dies(_))),
            }
        }
        assert!(written <= work.done.load(Ordering::SeqCst));
        assert_eq!(world.keys(), [""; 0], "it is locked for ever");
    }

    fn check(story: fn(&Arc<Keys>, &[Fate]), fates: Vec<Fate>, schedules: Option<usize>) {
        let secret = secrecy::SecretString::from("8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A");
        let keys = Arc::new(Keys::derive(&[secret], &["issuer", "client"]).unwrap());
        let mut config = shuttle::Config::new();
        config.stack_size = 512 * 1024;
        let named = format!("{fates:?}");
        let run = move || story(&keys, &fates);
        let checked = std::panic::catch_unwind(AssertUnwindSafe(|| match schedules {
            None => {
                let every = shuttle::scheduler::DfsScheduler::new(None, false);
                shuttle::Runner::new(every, config).run(run)
            }
            Some(schedules) => {
                let some = shuttle::scheduler::RandomScheduler::new(schedules);
                shuttle::Runner::new(some, config).run(run)
            }
        }));
        assert!(checked.is_ok(), "{named}");
    }

    /// As often as a machine is polled at the most while it leads.
    fn fates() -> Vec<Fate> {
        let deaths = (1..=7).map(Fate::Dies);
        [Fate::Succeeds, Fate::Fails]
            .into_iter()
            .chain(deaths)
            .collect()
    }

    #[test]
    fn two_machines_make_one_exchange_and_none_waits_for_ever() {
        for one in fates() {
            for other in [Fate::Succeeds, Fate::Fails, Fate::Dies(4)] {
                check(refresh, vec![one, other], None);
            }
        }
    }

    #[test]
    fn two_machines_write_one_after_the_other_and_none_waits_for_ever() {
        for one in fates() {
            for other in fates() {
                check(write, vec![one, other], None);
            }
        }
    }

    #[test]
    fn more_machines_do_as_two_do() {
        for one in fates() {
            for other in fates() {
                let fates = vec![one, Fate::Succeeds, other, Fate::Fails];
                check(refresh, fates.clone(), Some(100));
                check(write, fates, Some(100));
            }
        }
    }
}
