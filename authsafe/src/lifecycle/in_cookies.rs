//! Sessions in cookies: sealed, read, renewed and written there.

use core::time::Duration;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue};

use crate::clock::UnixSeconds;
use crate::error::RefreshError;
use crate::log;
use crate::session::seal::Sealed;
use crate::session::{Identity, KeptTokens, Session};
use crate::state::{Cluster, MinimumStates, RenewalKey, Shared, Standing};
use crate::store::StateError;

use super::action::Write;
use super::context::Context;
use super::refresh_grant::RefreshGrant;
use super::sealed::{self, SealedSession, WriteError, next_state, of_same_organization};
use super::untold::News;

/// What sessions in cookies need beside them: a user may come with any state of a session that was
/// ever sealed, and those from before something was taken away are refused.
pub(crate) struct InCookies {
    minimum: MinimumStates,
}

impl InCookies {
    pub(super) fn new(max_age: Duration) -> Self {
        Self {
            minimum: MinimumStates::new(max_age),
        }
    }

    /// Opens the session that a cookie holds.
    pub(super) fn open(context: &Context, value: Sealed) -> Option<Session> {
        sealed::open(&context.keys, context.cookies.sealed_name(), value)
    }

    pub(super) fn seal(
        context: &Context,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        let name = context.cookies.sealed_name();
        let tokens = context.kept(tokens);
        SealedSession::for_cookies(&context.keys, name, identity, tokens)
    }

    /// Seals what a refresh has brought, with the data that a handler has kept since it began. What it
    /// has taken away is taken from the states before it too.
    pub(super) async fn seal_renewed(
        &self,
        context: &Arc<Context>,
        before: &Session,
        mut identity: Identity,
        tokens: KeptTokens,
    ) -> Result<SealedSession, WriteError> {
        if !identity.is_of_another_organization(&before.identity())
            && let Some(latest) = context.latest.get(identity.id)
            && latest.session.renewals() == before.renewals()
            && !before.is_newer_than(&latest.session)
        {
            identity.data = latest.session.data();
        }
        let takes = identity.takes_from(&before.identity());
        let sealed = Self::seal(context, identity, tokens)?;
        if !context.cookies.fits(sealed.value()) {
            say_too_large(&sealed);
            return Err(WriteError::TooLarge);
        }
        if takes {
            self.refuse_earlier(context, &sealed.session).await;
        }
        Ok(sealed)
    }

    /// The cookies that hold a session.
    pub(super) fn cookies(
        context: &Context,
        sealed: &SealedSession,
        request: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, WriteError> {
        let now = context.clock.now();
        let left = Duration::from_secs(sealed.session.expires_at().saturating_sub(now));
        let cookies = context.set_session(request, sealed.value(), left);
        Ok(cookies.inspect_err(|_| say_too_large(sealed))?)
    }

    /// A session as it is now: as it came; or, where something was taken away from it a moment ago, as it
    /// is since. With [`Standing::Late`] where that is not known yet, and this state is refused in a moment.
    /// `None`: another machine has ended it, or it was sealed too long before. `Err`: it cannot be known,
    /// and the app would rather refuse.
    pub(super) async fn judge(
        &self,
        context: &Context,
        session: Session,
        now: UnixSeconds,
    ) -> Result<Option<(Session, Standing)>, StateError> {
        let here = self.standing(&session, now);
        let elsewhere = match context.cluster.get() {
            Some(cluster) => standing_elsewhere(context, cluster, &session, now).await?,
            None => Standing::Current,
        };
        Ok(match here.max(elsewhere) {
            Standing::Current => Some((session, Standing::Current)),
            Standing::Late => {
                let newer = newer(context, &session).await;
                let (session, standing) = match newer {
                    Some(newer) => (newer, Standing::Current),
                    None => (session, Standing::Late),
                };
                Some((session, standing)).filter(|(it, _)| context.is_alive(it, now))
            }
            Standing::Over => None,
        })
    }

    /// Tells whether this process has taken something away from a session since this state of it.
    pub(super) fn standing(&self, session: &Session, now: UnixSeconds) -> Standing {
        self.minimum.judge(session.id(), session.state(), now)
    }

    /// New tokens for a session: by one exchange among all machines.
    pub(super) async fn renew<G: RefreshGrant>(
        context: &Context,
        session: &Session,
        grant: &G,
        ready: &G::Ready,
    ) -> Result<SealedSession, RefreshError> {
        let key: RenewalKey = (session.id(), session.renewals());
        let tokens = session.kept_tokens().ok_or(RefreshError::NoSession)?;
        let exchange = grant.exchange(ready, session, tokens);
        let Some(cluster) = context.cluster.get() else {
            return exchange.await;
        };
        let value = match cluster
            .single_flight(key, exchange, SealedSession::value)
            .await
        {
            Ok(Shared::Led(sealed)) => return Ok(sealed),
            Ok(Shared::Followed(value)) => value,
            Err(RefreshError::SessionEnded) => {
                let elsewhere = cluster.refreshed_elsewhere(key).await;
                elsewhere.ok_or(RefreshError::SessionEnded)?
            }
            Err(error) => return Err(error),
        };
        let name = context.cookies.sealed_name();
        SealedSession::open(&context.keys, name, value).ok_or(RefreshError::Internal)
    }

    /// Seals what a request has changed, on top of the newest state of the session, which other answers
    /// may have written meanwhile, and returns its cookies. Where no other machines are asked.
    pub(super) fn write(&self, context: &Context, write: Write<'_>) -> Vec<HeaderValue> {
        let Write {
            session,
            activity,
            changes,
            request,
        } = write;
        let now = context.clock.now();
        if !context.is_alive(session, now) {
            return remove_ended(context, session, request);
        }
        let standing = self.standing(session, now);
        let written = context.latest.update(session.id(), |latest| {
            // Not older, that is: a renewed session is itself the latest.
            let latest = latest.filter(|latest| !session.is_newer_than(&latest.session));
            match latest {
                Some(latest)
                    if changes.is_empty() && context.is_fresh(&latest.session, activity, now) =>
                {
                    Some(latest)
                }
                // Something was taken away since, and this would be refused.
                None if standing != Standing::Current => {
                    if !changes.is_empty() {
                        log::error!("a session's data was not kept: its request took too long");
                    }
                    None
                }
                latest => {
                    let base = latest.as_ref().map_or(session, |latest| &latest.session);
                    let changes = of_same_organization(changes, session, base);
                    let identity = next_state(base, activity, changes, now);
                    Self::seal_written(context, identity, base.kept_tokens()?).map(Arc::new)
                }
            }
        });
        // A session that is too large has said so in the log; the old cookie stays.
        written
            .and_then(|written| Self::cookies(context, &written, request).ok())
            .unwrap_or_default()
    }

    /// Does what [`write`](Self::write) does, where other machines may have ended the session meanwhile, or taken
    /// something from it: it must not take the place of what the browser has got of them.
    pub(super) async fn write_judged(
        &self,
        context: &Context,
        write: Write<'_>,
    ) -> Vec<HeaderValue> {
        let now = context.clock.now();
        let latest = context.latest.get(write.session.id());
        let latest = latest.filter(|latest| latest.session.is_newer_than(write.session));
        let latest = latest.map_or_else(|| write.session.clone(), |latest| latest.session.clone());
        match self.judge(context, latest, now).await {
            Ok(Some((current, Standing::Current))) => self.write(
                context,
                Write {
                    changes: of_same_organization(write.changes, write.session, &current),
                    session: &current,
                    ..write
                },
            ),
            // What is built on this would be refused in a moment, and may come to the browser after
            // the cookie of the newer state, which is on its way.
            Ok(Some(_)) => {
                if !write.changes.is_empty() {
                    log::error!("a session's data was not kept: its request took too long");
                }
                Vec::new()
            }
            Ok(None) => {
                if !write.changes.is_empty() {
                    log::warn!("a session's data was not kept: the session has ended");
                }
                Vec::new()
            }
            // Nobody knows: what is written is asked about again.
            Err(_) => self.write(context, write),
        }
    }

    /// `None`: it cannot be sealed, or does not fit, and then it is not the latest state: nobody could
    /// have written it.
    fn seal_written(
        context: &Context,
        identity: Identity,
        tokens: KeptTokens,
    ) -> Option<SealedSession> {
        let sealed = Self::seal(context, identity, tokens);
        let sealed = sealed.inspect_err(|error| {
            log::error!(%error, "the session's data was not kept");
        });
        let sealed = sealed.ok()?;
        let fits = context.cookies.fits(sealed.value());
        if !fits {
            log::error!(
                "the session's data is larger than cookies can hold, and was not kept: keep sessions \
                 in a store, with `session(store = \"redis\")`"
            );
        }
        fits.then_some(sealed)
    }

    /// Refuses what was sealed before this state of a session, from which something was taken away: on
    /// all machines, once the requests that were on the way have come.
    async fn refuse_earlier(&self, context: &Arc<Context>, session: &Session) {
        let (id, state, now) = (session.id(), session.state(), context.clock.now());
        self.minimum.raise(id, state, now);
        News::Lessened(id, state, now).tell_all(context).await;
    }
}

/// Removes what a session came with that has ended meanwhile: it opens nothing. The browser may have the cookie
/// of another session by now.
fn remove_ended(context: &Context, session: &Session, request: &HeaderMap) -> Vec<HeaderValue> {
    match context.cluster.get() {
        None if context.is_last(session) => context.clear_session(request),
        _ => Vec::new(),
    }
}

/// Tells how a session stands on other machines.
async fn standing_elsewhere(
    context: &Context,
    cluster: &Cluster,
    session: &Session,
    now: UnixSeconds,
) -> Result<Standing, StateError> {
    let (revocable, state) = (context.revocable_by(session), Some(session.state()));
    match cluster.standing(&revocable, state, now).await {
        Err(_) if !context.fail_closed => Ok(Standing::Current),
        standing => standing,
    }
}

/// Returns what a late state has become, as far as this process or another one can say now.
async fn newer(context: &Context, late: &Session) -> Option<Session> {
    let here = context.latest.get(late.id());
    if let Some(here) = here.filter(|it| it.session.is_newer_than(late)) {
        return Some(here.session.clone());
    }
    let refreshed = context
        .cluster
        .get()?
        .refreshed((late.id(), late.renewals()));
    let name = context.cookies.sealed_name();
    let newer = SealedSession::open(&context.keys, name, refreshed.await?)?.session;
    (newer.state() != late.state()).then_some(newer)
}

fn say_too_large(sealed: &SealedSession) {
    log::error!(
        bytes = sealed.value().len(),
        "the session is larger than cookies can hold: keep sessions in a store, with \
         `session(store = \"redis\")`, keep fewer tokens in them, with \
         `session(keep(...))`, or ask the provider for smaller ones"
    );
}
