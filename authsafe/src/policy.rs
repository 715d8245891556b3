//! Who may pass: a tree of conditions, and the one function that decides.

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
    /// All of them hold.
    All(&'static [Policy]),
    /// At least one of them holds.
    Any(&'static [Policy]),
}

/// What a policy is asked about: what was granted to whom.
pub trait Granted {
    /// Was this scope granted? RFC 6749 §3.3: compared byte by byte.
    fn has_scope(&self, scope: &str) -> bool;
    /// Does the user have this role?
    fn has_role(&self, role: &str) -> bool;
}

impl Policy {
    /// Does it hold?
    #[must_use]
    pub fn allows(&self, who: &impl Granted) -> bool {
        match *self {
            Self::SignedIn => true,
            Self::Scope(scope) => who.has_scope(scope),
            Self::Role(role) => who.has_role(role),
            // An empty `all` or `any` does not compile; if one came about, nobody passes.
            Self::All(policies) => !policies.is_empty() && policies.iter().all(|p| p.allows(who)),
            Self::Any(policies) => policies.iter().any(|p| p.allows(who)),
        }
    }
}

/// A policy as a type, so that a guard's argument can carry it.
pub trait Require {
    /// The policy.
    const POLICY: Policy;
}

/// `SignedIn` as a type.
#[derive(Debug)]
pub struct SignedIn;

/// One scope as a type.
#[derive(Debug)]
pub struct Scope<T>(core::marker::PhantomData<T>);

/// All of a tuple of policies, as a type.
#[derive(Debug)]
pub struct All<T>(core::marker::PhantomData<T>);

/// Any of a tuple of policies, as a type.
#[derive(Debug)]
pub struct Any<T>(core::marker::PhantomData<T>);
