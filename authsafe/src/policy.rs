//! Who may pass: a tree of conditions, and the one function that decides.
//!
//! A guard's argument carries its policy as a type: `Guard<All<(Scope<Text<'a'>>, Role<Text<'b'>>)>>`.
//! [`Require::POLICY`] is that tree as a value.

use core::marker::PhantomData;

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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no policy",
    label = "expected `SignedIn`, `Scope<..>`, `Role<..>`, `All<(..)>` or `Any<(..)>`"
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
}
