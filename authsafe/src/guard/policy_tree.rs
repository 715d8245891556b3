//! Trees of conditions and of policies of the app's own: `any(role("admin"), policy(owner))`.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::time::Duration;

use http::request::Parts;

use super::context::RequestContext;
use crate::clock::UnixSeconds;
use crate::policy::{All, Any, Decision, NamedPolicy, Not, Outcome, Policy, Require};
use crate::session::Session;
use crate::types::Whose;

/// A tree with policies of the app's own in it, as a policy.
pub struct Tree<T>(PhantomData<fn() -> T>);

/// A condition in a [`Tree`].
pub struct Holds<P>(PhantomData<fn() -> P>);

/// A policy of the app's own in a [`Tree`].
pub struct By<P>(PhantomData<fn() -> P>);

/// A part of a [`Tree`].
pub trait Part: 'static {
    /// What its policies take.
    type Arguments: Send;

    /// Asks of whoever is signed in. What is decided already is not asked for.
    fn ask(asked: &Asked<'_>, arguments: Self::Arguments) -> impl Future<Output = Verdict> + Send;

    /// Returns the shortest time of a sign-in that it asks for, or that it refuses.
    fn max_age(asked: bool) -> Option<Duration>;
}

/// Of whom a tree is asked, and in which request.
pub struct Asked<'a> {
    session: &'a Session,
    request: &'a Parts,
    now: UnixSeconds,
}

/// The decision of a part.
pub struct Verdict {
    now: Outcome,
    /// Whether it would let them in who sign in again.
    again: bool,
    /// It is about nobody, who is signed out: also what is the opposite of it lets nobody in.
    of_nobody: bool,
}

impl Verdict {
    fn of(now: bool, again: bool) -> Self {
        let now = match now {
            true => Outcome::Allow,
            false => Outcome::Deny(None),
        };
        Self {
            now,
            again,
            of_nobody: false,
        }
    }

    /// Whom it is about is signed out.
    fn of_nobody() -> Self {
        let why = "nobody is signed in at the sign-in that a policy is about";
        Self {
            now: Outcome::Deny(Some(why.into())),
            again: false,
            of_nobody: true,
        }
    }

    /// Nobody can tell: also what is the opposite of it lets nobody in.
    fn unknown() -> Self {
        let cause = "the session that it is about cannot be read";
        Self {
            now: Outcome::Unavailable(cause.into()),
            ..Self::of_nobody()
        }
    }

    fn allows(&self) -> bool {
        self.now == Outcome::Allow
    }

    /// Returns what one of two decides that lets somebody in where either does.
    fn or(self, other: Self) -> Self {
        let again = self.again || other.again;
        let of_nobody = self.of_nobody || other.of_nobody;
        let now = match (self.now, other.now) {
            (Outcome::Allow, _) | (_, Outcome::Allow) => Outcome::Allow,
            // Nobody knows whether the one that cannot tell would let them in.
            (Outcome::Deny(None) | Outcome::SignInAgain(_), told)
            | (Outcome::Deny(Some(_)), told @ Outcome::Unavailable(_)) => told,
            (told, _) => told,
        };
        Self {
            now,
            again,
            of_nobody,
        }
    }

    /// Returns what two decide that let somebody in where both do.
    fn and(self, other: Self) -> Self {
        let again = self.again && other.again;
        // One that refuses for certain is enough for the opposite.
        let of_nobody = match (self.refuses(), other.refuses()) {
            (false, false) => self.of_nobody || other.of_nobody,
            _ => false,
        };
        let now = match (self.now, other.now) {
            (Outcome::Allow, told) => told,
            (told, Outcome::Allow) => told,
            (Outcome::Unavailable(_), denied) => denied,
            (denied, _) => denied,
        };
        Self {
            now,
            again,
            of_nobody,
        }
    }

    /// Returns the opposite. What cannot be told cannot be told, and who is signed out is.
    fn not(self) -> Self {
        match self.now {
            Outcome::Unavailable(_) => self,
            now if self.of_nobody && now != Outcome::Allow => Self::of_nobody(),
            now => Self::of(now != Outcome::Allow, !self.again),
        }
    }

    /// Returns whether it refuses, and its opposite does not.
    fn refuses(&self) -> bool {
        !self.of_nobody && !matches!(self.now, Outcome::Allow | Outcome::Unavailable(_))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Part> NamedPolicy for Tree<T> {
    const CONDITION: Policy = Policy::SignedIn;
    type Arguments = T::Arguments;

    async fn decide(session: &Session, request: &Parts, arguments: T::Arguments) -> Decision {
        let opened_at = RequestContext::opened_at(&request.extensions, session);
        let asked = Asked {
            session,
            request,
            // The end of time, at which nobody has signed in lately.
            now: opened_at.unwrap_or(UnixSeconds::MAX),
        };
        let verdict = T::ask(&asked, arguments).await;
        Decision(match (verdict.now, T::max_age(true)) {
            (Outcome::Deny(_), Some(max_age)) if verdict.again => Outcome::SignInAgain(max_age),
            (now, _) => now,
        })
    }
}

impl<P: Require + 'static> Part for Holds<P> {
    type Arguments = ();

    async fn ask(asked: &Asked<'_>, (): ()) -> Verdict {
        let again = P::POLICY.allows_once_signed_in_again(asked.session);
        Verdict::of(P::POLICY.allows(asked.session, asked.now), again)
    }

    fn max_age(asked: bool) -> Option<Duration> {
        P::POLICY.asked_for(asked)
    }
}

impl<P: NamedPolicy> Part for By<P> {
    type Arguments = P::Arguments;

    async fn ask(asked: &Asked<'_>, arguments: P::Arguments) -> Verdict {
        // What the policy says of whose session it is about holds wherever it is named.
        let own = match P::WHOSE {
            Whose::Unsaid => None,
            whose => match RequestContext::of(&asked.request.extensions, whose) {
                Ok(context) => match context.session(asked.request).await {
                    (Ok(Some(session)), now) => Some((session, now)),
                    (Ok(None), _) => return Verdict::of_nobody(),
                    (Err(_), _) => return Verdict::unknown(),
                },
                Err(_) => return Verdict::unknown(),
            },
        };
        let (session, now) = own.unwrap_or((asked.session, asked.now));
        if !P::CONDITION.allows(session, now) {
            return Verdict::of(false, P::CONDITION.allows_once_signed_in_again(session));
        }
        let Decision(now) = P::decide(session, asked.request, arguments).await;
        let again = now == Outcome::Allow;
        Verdict {
            now,
            again,
            of_nobody: false,
        }
    }

    fn max_age(asked: bool) -> Option<Duration> {
        P::CONDITION.asked_for(asked)
    }
}

impl<P: Part> Part for Not<P> {
    type Arguments = P::Arguments;

    async fn ask(asked: &Asked<'_>, arguments: P::Arguments) -> Verdict {
        P::ask(asked, arguments).await.not()
    }

    fn max_age(asked: bool) -> Option<Duration> {
        P::max_age(!asked)
    }
}

macro_rules! parts {
    () => {};
    ($first:ident $of_first:ident $(, $rest:ident $of_rest:ident)*) => {
        parts!(@ $first $of_first $(, $rest $of_rest)*);
        parts!($($rest $of_rest),*);
    };
    (@ $($part:ident $argument:ident),+) => {
        impl<$($part: Part),+> Part for Any<($($part,)+)> {
            type Arguments = ($($part::Arguments,)+);

            async fn ask(asked: &Asked<'_>, ($($argument,)+): Self::Arguments) -> Verdict {
                let mut verdict = Verdict::of(false, false);
                $(if !verdict.allows() {
                    verdict = verdict.or($part::ask(asked, $argument).await);
                })+
                verdict
            }

            fn max_age(asked: bool) -> Option<Duration> {
                [$($part::max_age(asked)),+].into_iter().flatten().min()
            }
        }

        impl<$($part: Part),+> Part for All<($($part,)+)> {
            type Arguments = ($($part::Arguments,)+);

            async fn ask(asked: &Asked<'_>, ($($argument,)+): Self::Arguments) -> Verdict {
                let mut verdict = Verdict::of(true, true);
                $(if verdict.allows() || verdict.again || verdict.of_nobody {
                    verdict = verdict.and($part::ask(asked, $argument).await);
                })+
                verdict
            }

            fn max_age(asked: bool) -> Option<Duration> {
                [$($part::max_age(asked)),+].into_iter().flatten().min()
            }
        }
    };
}

parts!(A a, B b, C c, D d, E e, F f, G g, H h, I i, J j, K k, L l);

macro_rules! named {
    ($($of:ident),+) => { $(
        impl<T> fmt::Debug for $of<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($of))
            }
        }
    )+ };
}

named!(Tree, Holds, By);

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> [Outcome; 3] {
        [
            Outcome::Allow,
            Outcome::Deny(None),
            Outcome::Unavailable("u".into()),
        ]
    }

    fn verdict(now: &Outcome) -> Verdict {
        let again = *now == Outcome::Allow;
        let now = now.clone();
        Verdict {
            now,
            again,
            of_nobody: false,
        }
    }

    #[test]
    fn who_is_signed_out_is_let_in_by_no_opposite() {
        let nobody = Verdict::of_nobody;
        let (yes, no) = (|| Verdict::of(true, true), || Verdict::of(false, false));
        for refused in [
            nobody(),
            nobody().not(),
            nobody().not().not(),
            nobody().or(no()),
            nobody().or(no()).not(),
            no().or(nobody()).not(),
            nobody().and(yes()).not(),
            yes().and(nobody()).not(),
            nobody().and(nobody()).not(),
            nobody().not().and(yes()),
            Verdict::unknown().and(nobody()).not(),
        ] {
            assert!(!refused.allows());
        }
        // What is decided without them is decided.
        for allowed in [
            nobody().or(yes()),
            yes().or(nobody()),
            nobody().and(no()).not(),
            no().and(nobody()).not(),
        ] {
            assert!(allowed.allows());
        }
    }

    #[test]
    fn what_cannot_be_told_lets_nobody_in_by_itself() {
        let [yes, no, unknown] = all();
        for (one, other, any, both) in [
            (&yes, &yes, &yes, &yes),
            (&yes, &no, &yes, &no),
            (&no, &yes, &yes, &no),
            (&no, &no, &no, &no),
            (&yes, &unknown, &yes, &unknown),
            (&unknown, &yes, &yes, &unknown),
            (&no, &unknown, &unknown, &no),
            (&unknown, &no, &unknown, &no),
            (&unknown, &unknown, &unknown, &unknown),
        ] {
            let named = format!("{one:?} {other:?}");
            assert_eq!(verdict(one).or(verdict(other)).now, *any, "{named}");
            assert_eq!(verdict(one).and(verdict(other)).now, *both, "{named}");
        }
        for (one, opposite) in [(&yes, &no), (&no, &yes), (&unknown, &unknown)] {
            assert_eq!(verdict(one).not().now, *opposite);
        }
        assert!(!verdict(&unknown).not().again);
    }

    #[test]
    fn a_reason_is_kept_and_no_reason_hides_it() {
        let why = || Verdict {
            now: Outcome::Deny(Some("why".into())),
            ..Verdict::of(false, false)
        };
        let none = || Verdict::of(false, false);
        assert_eq!(none().or(why()).now, why().now);
        assert_eq!(why().or(none()).now, why().now);
        assert_eq!(Verdict::of(true, true).and(why()).now, why().now);
    }
}
