//! Who may pass: a tree of conditions, and the one function that decides.
//!
//! A guard's argument carries its policy as a type: `Guard<All<(Scope<Text<'a'>>, Role<Text<'b'>>)>>`.
//! [`Require::POLICY`] is that tree as a value.

use core::marker::PhantomData;
use core::time::Duration;

use crate::clock::UnixSeconds;

/// How far ahead of ours the provider's clock may be.
const AHEAD: Duration = Duration::from_secs(60);

/// A condition on a session. A tree, evaluated as a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// Anybody with a session.
    SignedIn,
    /// The scope was granted.
    Scope(&'static str),
    /// The user has the role.
    Role(&'static str),
    /// The user has the permission.
    Permission(&'static str),
    /// The session is of this organization.
    Org(&'static str),
    /// The user proved who they are no longer than this many seconds ago. Nobody passes whose
    /// provider does not tell when (`auth_time`, OpenID Connect Core §2).
    Recent(u32),
    /// It does not hold. Alone it lets in whoever is signed in and lacks what it names.
    Not(&'static Policy),
    /// All of them hold.
    All(&'static [Policy]),
    /// At least one of them holds.
    Any(&'static [Policy]),
}

/// What a policy is asked about: what was granted to whom.
pub trait Granted {
    /// Returns whether this scope was granted. RFC 6749 §3.3: compared byte by byte.
    fn has_scope(&self, scope: &str) -> bool;
    /// Returns whether the user has this role.
    fn has_role(&self, role: &str) -> bool;
    /// Returns whether the user has this permission.
    fn has_permission(&self, permission: &str) -> bool;
    /// The organization that the user is signed in to.
    fn organization(&self) -> Option<&str>;
    /// When the user last proved who they are.
    fn auth_time(&self) -> Option<UnixSeconds>;
}

impl Policy {
    /// Returns whether it holds at this time.
    #[must_use]
    pub fn allows(&self, who: &impl Granted, now: UnixSeconds) -> bool {
        self.holds(who, |max_age| is_recent(who.auth_time(), max_age, now))
    }

    /// Returns whether a new sign-in is all that it wants.
    #[cfg(feature = "client")]
    pub(crate) fn allows_once_signed_in_again(&self, who: &impl Granted) -> bool {
        self.holds(who, |_| true)
    }

    fn holds(&self, who: &impl Granted, recent: impl Fn(Duration) -> bool + Copy) -> bool {
        match *self {
            Self::SignedIn => true,
            Self::Scope(scope) => who.has_scope(scope),
            Self::Role(role) => who.has_role(role),
            Self::Permission(permission) => who.has_permission(permission),
            Self::Org(organization) => who.organization() == Some(organization),
            Self::Recent(max_age) => recent(seconds(max_age)),
            Self::Not(policy) => !policy.holds(who, recent),
            // An empty `all` or `any` does not compile; if one came about, nobody passes.
            Self::All(all) => !all.is_empty() && all.iter().all(|it| it.holds(who, recent)),
            Self::Any(any) => any.iter().any(|it| it.holds(who, recent)),
        }
    }

    /// How recent a sign-in it asks for: the shortest time in it. What `not` asks for
    /// is none: a new sign-in would only make it fail.
    #[cfg(feature = "client")]
    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.asked_for(true)
    }

    /// The shortest time in what is asked for, or in what is refused.
    #[cfg(feature = "client")]
    fn asked_for(&self, asked: bool) -> Option<Duration> {
        match *self {
            Self::Recent(max_age) => asked.then(|| seconds(max_age)),
            Self::Not(policy) => policy.asked_for(!asked),
            Self::All(policies) | Self::Any(policies) => {
                let times = policies.iter().filter_map(|it| it.asked_for(asked));
                times.min()
            }
            _ => None,
        }
    }
}

/// Returns whether the user proved who they are within `max_age` before `now`. `false` where nobody says
/// when, nor where it lies in a future that no clock's error explains.
pub(crate) fn is_recent(
    auth_time: Option<UnixSeconds>,
    max_age: Duration,
    now: UnixSeconds,
) -> bool {
    auth_time.is_some_and(|time| {
        now <= time.saturating_add(max_age.as_secs()) && time <= now.saturating_add(AHEAD.as_secs())
    })
}

fn seconds(max_age: u32) -> Duration {
    Duration::from_secs(max_age.into())
}

/// A policy as a type, so that a guard's argument can carry it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy",
    label = "expected a policy, such as `Scope<..>`, `Not<..>` or `All<(..)>`"
)]
pub trait Require {
    /// The policy.
    const POLICY: Policy;
}

/// [`Policy::SignedIn`] as a type.
#[derive(Debug)]
pub struct SignedIn;

/// One scope as a type; `T` is its [`Name`].
#[derive(Debug)]
pub struct Scope<T>(PhantomData<T>);

/// One role as a type; `T` is its [`Name`].
#[derive(Debug)]
pub struct Role<T>(PhantomData<T>);

/// One permission as a type; `T` is its [`Name`].
#[derive(Debug)]
pub struct Permission<T>(PhantomData<T>);

/// One organization as a type; `T` is its [`Name`].
#[derive(Debug)]
pub struct Org<T>(PhantomData<T>);

/// [`Policy::Recent`] as a type.
#[derive(Debug)]
pub struct Recent<const SECONDS: u32>;

/// [`Policy::Not`] as a type.
#[derive(Debug)]
pub struct Not<P>(PhantomData<P>);

/// All of a tuple of policies, as a type.
#[derive(Debug)]
pub struct All<T>(PhantomData<T>);

/// Any of a tuple of policies, as a type.
#[derive(Debug)]
pub struct Any<T>(PhantomData<T>);

impl Require for SignedIn {
    const POLICY: Policy = Policy::SignedIn;
}

impl<T: Name> Require for Scope<T> {
    const POLICY: Policy = Policy::Scope(T::TEXT);
}

impl<T: Name> Require for Role<T> {
    const POLICY: Policy = Policy::Role(T::TEXT);
}

impl<T: Name> Require for Permission<T> {
    const POLICY: Policy = Policy::Permission(T::TEXT);
}

impl<T: Name> Require for Org<T> {
    const POLICY: Policy = Policy::Org(T::TEXT);
}

impl<const SECONDS: u32> Require for Recent<SECONDS> {
    const POLICY: Policy = Policy::Recent(SECONDS);
}

impl<P: Require> Require for Not<P> {
    const POLICY: Policy = Policy::Not(&P::POLICY);
}

impl<T: List> Require for All<T> {
    const POLICY: Policy = Policy::All(T::LIST);
}

impl<T: List> Require for Any<T> {
    const POLICY: Policy = Policy::Any(T::LIST);
}

/// A tuple of one to twelve policies.
pub trait List {
    /// The policies, in the order written.
    const LIST: &'static [Policy];
}

macro_rules! list {
    ($($policy:ident),+) => {
        impl<$($policy: Require),+> List for ($($policy,)+) {
            const LIST: &'static [Policy] = &[$($policy::POLICY),+];
        }
    };
}

list!(A);
list!(A, B);
list!(A, B, C);
list!(A, B, C, D);
list!(A, B, C, D, E);
list!(A, B, C, D, E, F);
list!(A, B, C, D, E, F, G);
list!(A, B, C, D, E, F, G, H);
list!(A, B, C, D, E, F, G, H, I);
list!(A, B, C, D, E, F, G, H, I, J);
list!(A, B, C, D, E, F, G, H, I, J, K);
list!(A, B, C, D, E, F, G, H, I, J, K, L);

/// A text as a type.
pub trait Name {
    /// The text.
    const TEXT: &'static str;
}

/// A text of up to 32 characters, one parameter each; `'\0'` ends it. [`Join`] makes longer ones.
#[derive(Debug)]
pub struct Text<
    const C0: char = '\0',
    const C1: char = '\0',
    const C2: char = '\0',
    const C3: char = '\0',
    const C4: char = '\0',
    const C5: char = '\0',
    const C6: char = '\0',
    const C7: char = '\0',
    const C8: char = '\0',
    const C9: char = '\0',
    const C10: char = '\0',
    const C11: char = '\0',
    const C12: char = '\0',
    const C13: char = '\0',
    const C14: char = '\0',
    const C15: char = '\0',
    const C16: char = '\0',
    const C17: char = '\0',
    const C18: char = '\0',
    const C19: char = '\0',
    const C20: char = '\0',
    const C21: char = '\0',
    const C22: char = '\0',
    const C23: char = '\0',
    const C24: char = '\0',
    const C25: char = '\0',
    const C26: char = '\0',
    const C27: char = '\0',
    const C28: char = '\0',
    const C29: char = '\0',
    const C30: char = '\0',
    const C31: char = '\0',
>;

/// Two texts, one after the other: 1024 bytes at most.
#[derive(Debug)]
pub struct Join<A, B>(PhantomData<(A, B)>);

impl<
    const C0: char,
    const C1: char,
    const C2: char,
    const C3: char,
    const C4: char,
    const C5: char,
    const C6: char,
    const C7: char,
    const C8: char,
    const C9: char,
    const C10: char,
    const C11: char,
    const C12: char,
    const C13: char,
    const C14: char,
    const C15: char,
    const C16: char,
    const C17: char,
    const C18: char,
    const C19: char,
    const C20: char,
    const C21: char,
    const C22: char,
    const C23: char,
    const C24: char,
    const C25: char,
    const C26: char,
    const C27: char,
    const C28: char,
    const C29: char,
    const C30: char,
    const C31: char,
>
    Text<
        C0,
        C1,
        C2,
        C3,
        C4,
        C5,
        C6,
        C7,
        C8,
        C9,
        C10,
        C11,
        C12,
        C13,
        C14,
        C15,
        C16,
        C17,
        C18,
        C19,
        C20,
        C21,
        C22,
        C23,
        C24,
        C25,
        C26,
        C27,
        C28,
        C29,
        C30,
        C31,
    >
{
    const BUFFER: Buffer<128> = Buffer::of_chars(&[
        C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17, C18, C19,
        C20, C21, C22, C23, C24, C25, C26, C27, C28, C29, C30, C31,
    ]);
}

impl<
    const C0: char,
    const C1: char,
    const C2: char,
    const C3: char,
    const C4: char,
    const C5: char,
    const C6: char,
    const C7: char,
    const C8: char,
    const C9: char,
    const C10: char,
    const C11: char,
    const C12: char,
    const C13: char,
    const C14: char,
    const C15: char,
    const C16: char,
    const C17: char,
    const C18: char,
    const C19: char,
    const C20: char,
    const C21: char,
    const C22: char,
    const C23: char,
    const C24: char,
    const C25: char,
    const C26: char,
    const C27: char,
    const C28: char,
    const C29: char,
    const C30: char,
    const C31: char,
> Name
    for Text<
        C0,
        C1,
        C2,
        C3,
        C4,
        C5,
        C6,
        C7,
        C8,
        C9,
        C10,
        C11,
        C12,
        C13,
        C14,
        C15,
        C16,
        C17,
        C18,
        C19,
        C20,
        C21,
        C22,
        C23,
        C24,
        C25,
        C26,
        C27,
        C28,
        C29,
        C30,
        C31,
    >
{
    const TEXT: &'static str = Self::BUFFER.text();
}

impl<A: Name, B: Name> Join<A, B> {
    const BUFFER: Buffer<1024> = Buffer::new().with(A::TEXT).with(B::TEXT);
}

impl<A: Name, B: Name> Name for Join<A, B> {
    const TEXT: &'static str = Self::BUFFER.text();
}

/// A text that is put together while the program compiles.
pub(crate) struct Buffer<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Buffer<N> {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
        }
    }

    const fn of_chars(chars: &[char]) -> Self {
        let mut all = Self::new();
        let mut i = 0;
        while i < chars.len() && chars[i] != '\0' {
            let mut utf8 = [0; 4];
            all = all.with(chars[i].encode_utf8(&mut utf8));
            i += 1;
        }
        all
    }

    /// The text with `more` after it; what does not fit does not compile.
    pub(crate) const fn with(mut self, more: &str) -> Self {
        let more = more.as_bytes();
        let mut i = 0;
        while i < more.len() {
            self.bytes[self.len] = more[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// As `with`, but what does not fit is left out.
    pub(crate) const fn fit(self, more: &str) -> Self {
        if self.len + more.len() > N {
            self
        } else {
            self.with(more)
        }
    }

    pub(crate) const fn text(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Not reached: only whole `&str`s are appended.
            Err(_) => panic!("a text that is not UTF-8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Admin = Text<'a', 'd', 'm', 'i', 'n'>;
    type Umlaut = Text<'ä', '→', '🦀'>;

    #[test]
    fn a_text_type_holds_its_text() {
        assert_eq!(Admin::TEXT, "admin");
        assert_eq!(Umlaut::TEXT, "ä→🦀");
        assert_eq!(<Join<Admin, Join<Umlaut, Admin>>>::TEXT, "adminä→🦀admin");
    }

    #[test]
    fn a_policy_type_holds_its_tree() {
        type Tree = All<(Scope<Admin>, Any<(Role<Admin>, SignedIn)>)>;
        assert_eq!(
            Tree::POLICY,
            Policy::All(&[
                Policy::Scope("admin"),
                Policy::Any(&[Policy::Role("admin"), Policy::SignedIn]),
            ])
        );
    }

    #[test]
    fn every_kind_of_policy_has_a_type() {
        type Tree = Any<(Not<Permission<Admin>>, Org<Admin>, Recent<300>)>;
        assert_eq!(
            Tree::POLICY,
            Policy::Any(&[
                Policy::Not(&Policy::Permission("admin")),
                Policy::Org("admin"),
                Policy::Recent(300),
            ])
        );
    }

    /// Has the scope `s`, the role `r` and the permission `p`, is in `o`, and signed in at 1000.
    struct Somebody;

    impl Granted for Somebody {
        fn has_scope(&self, scope: &str) -> bool {
            scope == "s"
        }

        fn has_role(&self, role: &str) -> bool {
            role == "r"
        }

        fn has_permission(&self, permission: &str) -> bool {
            permission == "p"
        }

        fn organization(&self) -> Option<&str> {
            Some("o")
        }

        fn auth_time(&self) -> Option<UnixSeconds> {
            Some(1000)
        }
    }

    const YES: Policy = Policy::Scope("s");
    const NO: Policy = Policy::Scope("x");

    fn allows(policy: Policy) -> bool {
        policy.allows(&Somebody, 1000)
    }

    #[test]
    fn each_name_is_looked_up_among_its_own_kind() {
        use Policy::{Org, Permission, Role, Scope};
        let kinds = [Scope, Role, Permission, Org];
        for (at, kind) in kinds.iter().enumerate() {
            for (other, name) in ["s", "r", "p", "o"].iter().enumerate() {
                assert_eq!(allows(kind(name)), at == other, "{:?}", kind(name));
            }
        }
    }

    #[test]
    fn a_tree_is_evaluated_as_a_tree() {
        use Policy::{All, Any, Not};
        for (policy, expected) in [
            (All(&[YES, YES]), true),
            (All(&[YES, NO]), false),
            (All(&[]), false),
            (Any(&[NO, YES]), true),
            (Any(&[NO, NO]), false),
            (Any(&[]), false),
            (Not(&NO), true),
            (Not(&YES), false),
            (Not(&Not(&YES)), true),
            // `a || b && c`, both ways to read it.
            (Any(&[YES, All(&[YES, NO])]), true),
            (All(&[Any(&[YES, YES]), NO]), false),
            (Not(&Any(&[NO, YES])), false),
            (Not(&All(&[NO, YES])), true),
            (All(&[YES, Any(&[NO, Not(&NO)])]), true),
        ] {
            assert_eq!(allows(policy), expected, "{policy:?}");
        }
    }

    #[test]
    fn a_sign_in_is_recent_for_so_long() {
        let recent = |now| Policy::Recent(300).allows(&Somebody, now);
        assert!(recent(1000));
        assert!(recent(1300));
        assert!(!recent(1301));
        // The provider's clock is ahead, a little or far too much.
        assert!(recent(940));
        assert!(!recent(939));
        assert!(!is_recent(None, Duration::MAX, 1000));
    }

    #[cfg(feature = "client")]
    #[test]
    fn a_new_sign_in_helps_where_nothing_else_is_missing() {
        const RECENT: Policy = Policy::Recent(300);
        let helps = |policy: Policy| policy.allows_once_signed_in_again(&Somebody);
        assert!(helps(Policy::All(&[YES, RECENT])));
        assert!(!helps(Policy::All(&[NO, RECENT])));
        assert_eq!(
            Policy::All(&[Policy::Recent(900), RECENT]).max_age(),
            Some(Duration::from_secs(300))
        );
        assert_eq!(YES.max_age(), None);
    }

    #[cfg(feature = "client")]
    #[test]
    fn no_sign_in_is_asked_for_where_it_would_not_help() {
        use Policy::{All, Any, Not, Recent};
        const RECENT: Policy = Recent(300);
        const LONG_AGO: Policy = Not(&RECENT);
        // Who signed in at 1000 and comes at 1000 or at 2000; the `max_age` to sign in again with.
        for (policy, max_age, now, later) in [
            (RECENT, Some(300), true, false),
            (LONG_AGO, None, false, true),
            (Not(&LONG_AGO), Some(300), true, false),
            (All(&[LONG_AGO, Recent(3600)]), Some(3600), false, true),
            (Any(&[NO, RECENT]), Some(300), true, false),
            (Any(&[YES, RECENT]), Some(300), true, true),
            (Not(&Any(&[NO, RECENT])), None, false, true),
        ] {
            assert_eq!(policy.max_age(), max_age.map(seconds), "{policy:?}");
            assert_eq!(policy.allows(&Somebody, 1000), now, "{policy:?}");
            assert_eq!(policy.allows(&Somebody, 2000), later, "{policy:?}");
            // It is asked for where it turns a refusal into a pass, and nowhere else.
            let helps = policy.allows_once_signed_in_again(&Somebody);
            assert_eq!(helps, now, "{policy:?}");
        }
    }
}
