//! Who may pass: a tree of conditions, and the one function that decides.

use core::fmt;
use core::time::Duration;

use crate::clock::UnixSeconds;
use crate::session::Session;

/// How far ahead of ours the provider's clock may be.
const AHEAD: Duration = Duration::from_secs(60);

/// A condition on a session, as a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// There is a session.
    SignedIn,
    /// The scope was granted.
    Scope(&'static str),
    /// The user has the role.
    Role(&'static str),
    /// The user has the permission.
    Permission(&'static str),
    /// The session is of this organization.
    Org(&'static str),
    /// The user signed in at the provider at most this many seconds ago. If the provider does not send the time
    /// (`auth_time`, OpenID Connect Core §2), nobody passes.
    Recent(u32),
    /// The condition does not hold. The user has to be signed in all the same.
    Not(&'static Policy),
    /// All these conditions hold.
    All(&'static [Policy]),
    /// At least one of these conditions holds.
    Any(&'static [Policy]),
}

impl Policy {
    /// Returns whether the condition holds at this time.
    #[must_use]
    pub fn allows(&self, who: &Session, now: UnixSeconds) -> bool {
        self.holds(who, |max_age| is_recent(who.auth_time(), max_age, now))
    }

    /// Returns whether a new sign-in is all that it wants.
    pub(crate) fn allows_once_signed_in_again(&self, who: &Session) -> bool {
        self.holds(who, |_| true)
    }

    fn holds(&self, who: &Session, recent: impl Fn(Duration) -> bool + Copy) -> bool {
        match *self {
            Self::SignedIn => true,
            Self::Scope(scope) => who.has_scope(scope),
            Self::Role(role) => who.has_role(role),
            Self::Permission(permission) => who.has_permission(permission),
            Self::Org(organization) => who.user().organization_id() == Some(organization),
            Self::Recent(max_age) => recent(seconds(max_age)),
            Self::Not(policy) => !policy.holds(who, recent),
            // An empty `all` or `any` does not compile; if one came about, nobody passes.
            Self::All(all) => !all.is_empty() && all.iter().all(|it| it.holds(who, recent)),
            Self::Any(any) => any.iter().any(|it| it.holds(who, recent)),
        }
    }

    /// Returns how recent a sign-in it asks for: the shortest time in it. What `not` asks for
    /// is none: a new sign-in would only make it fail.
    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.asked_for(true)
    }

    /// Calls `see` with each name that is asked for, and none that `not` refuses.
    pub(crate) fn each_name(&self, see: &mut dyn FnMut(&Self)) {
        match *self {
            Self::Scope(_) | Self::Role(_) | Self::Permission(_) | Self::Org(_) => see(self),
            Self::All(policies) | Self::Any(policies) => {
                policies.iter().for_each(|it| it.each_name(see));
            }
            Self::SignedIn | Self::Recent(_) | Self::Not(_) => {}
        }
    }

    /// The shortest time in what is asked for, or in what is refused.
    pub(crate) fn asked_for(&self, asked: bool) -> Option<Duration> {
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

/// As the attributes write it.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, name: &str, policies: &[Self]| {
            let policies: Vec<_> = policies.iter().map(Self::to_string).collect();
            write!(f, "{name}({})", policies.join(", "))
        };
        match *self {
            Self::SignedIn => f.write_str("auth"),
            Self::Scope(scope) => write!(f, "scope({scope:?})"),
            Self::Role(role) => write!(f, "role({role:?})"),
            Self::Permission(permission) => write!(f, "permission({permission:?})"),
            Self::Org(organization) => write!(f, "org({organization:?})"),
            Self::Recent(max_age) => write!(f, "recent(\"{max_age}s\")"),
            Self::Not(policy) => write!(f, "not({policy})"),
            Self::All(all) => list(f, "all", all),
            Self::Any(any) => list(f, "any", any),
        }
    }
}

/// Returns whether the user proved who they are within `max_age` before `now`. `false` where nobody says
/// when, nor where it lies in a future that no clock's error explains.
fn is_recent(auth_time: Option<UnixSeconds>, max_age: Duration, now: UnixSeconds) -> bool {
    auth_time.is_some_and(|time| {
        now <= time.saturating_add(max_age.as_secs()) && time <= now.saturating_add(AHEAD.as_secs())
    })
}

fn seconds(max_age: u32) -> Duration {
    Duration::from_secs(max_age.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Identity, SessionId, SessionTokens};
    use crate::types::{Scopes, Token, Tokens};

    /// Has the scope `s`, the role `r` and the permission `p`, is in `o`, and signed in at 1000.
    fn somebody() -> Session {
        let names = |name: &str| vec![name.to_owned()];
        let identity = Identity {
            scopes: Scopes::parse("s"),
            roles: names("r"),
            permissions: names("p"),
            organization_id: Some("o".to_owned()),
            auth_time: Some(1000),
            ..Identity::new(SessionId([0; 16]), "alice".to_owned())
        };
        let tokens = Tokens {
            access: Token::new(""),
            refresh: None,
            id: None,
        };
        Session::decode(
            identity.encode().unwrap(),
            SessionTokens::Open(tokens.into()),
        )
        .unwrap()
    }

    const YES: Policy = Policy::Scope("s");
    const NO: Policy = Policy::Scope("x");

    fn allows(policy: Policy) -> bool {
        policy.allows(&somebody(), 1000)
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
        let recent = |now| Policy::Recent(300).allows(&somebody(), now);
        assert!(recent(1000));
        assert!(recent(1300));
        assert!(!recent(1301));
        // The provider's clock is ahead, a little or far too much.
        assert!(recent(940));
        assert!(!recent(939));
        assert!(!is_recent(None, Duration::MAX, 1000));
    }

    #[test]
    fn a_new_sign_in_helps_where_nothing_else_is_missing() {
        const RECENT: Policy = Policy::Recent(300);
        let helps = |policy: Policy| policy.allows_once_signed_in_again(&somebody());
        assert!(helps(Policy::All(&[YES, RECENT])));
        assert!(!helps(Policy::All(&[NO, RECENT])));
        assert_eq!(
            Policy::All(&[Policy::Recent(900), RECENT]).max_age(),
            Some(Duration::from_secs(300))
        );
        assert_eq!(YES.max_age(), None);
    }

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
            assert_eq!(policy.allows(&somebody(), 1000), now, "{policy:?}");
            assert_eq!(policy.allows(&somebody(), 2000), later, "{policy:?}");
            // It is asked for where it turns a refusal into a pass, and nowhere else.
            let helps = policy.allows_once_signed_in_again(&somebody());
            assert_eq!(helps, now, "{policy:?}");
        }
    }

    #[test]
    fn a_policy_is_written_as_in_the_attributes_and_each_name_that_it_asks_for_is_told() {
        use Policy::{All, Any, Not, Org, Permission, Recent, Role, Scope, SignedIn};
        let policy = All(&[
            Scope("s"),
            Any(&[Role("r"), Permission("p"), Not(&Org("o"))]),
            Recent(300),
            SignedIn,
        ]);
        let written = r#"all(scope("s"), any(role("r"), permission("p"), not(org("o"))), recent("300s"), auth)"#;
        assert_eq!(policy.to_string(), written);
        let mut names = Vec::new();
        policy.each_name(&mut |name| names.push(*name));
        // Not the one that is refused.
        assert_eq!(names, [Scope("s"), Role("r"), Permission("p")]);
    }
}
