//! Policies as types: a guard's argument carries its own, `Guard<All<(Scope<Text<'a'>>, Role<Text<'b'>>)>>`,
//! and [`Require::POLICY`] is that tree as a value.

use core::marker::PhantomData;

use super::buffer::Buffer;
use super::tree::Policy;

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

impl Require for SignedIn {
    const POLICY: Policy = Policy::SignedIn;
}

/// [`Policy::Recent`] as a type.
#[derive(Debug)]
pub struct Recent<const SECONDS: u32>;

impl<const SECONDS: u32> Require for Recent<SECONDS> {
    const POLICY: Policy = Policy::Recent(SECONDS);
}

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident<T: $bound:ident>($value:expr);)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<T>(PhantomData<T>);

        impl<T: $bound> Require for $name<T> {
            const POLICY: Policy = Policy::$name($value);
        }
    )+};
}

types! {
    /// One scope as a type; `T` is its [`Name`].
    Scope<T: Name>(T::TEXT);
    /// One role as a type; `T` is its [`Name`].
    Role<T: Name>(T::TEXT);
    /// One permission as a type; `T` is its [`Name`].
    Permission<T: Name>(T::TEXT);
    /// One organization as a type; `T` is its [`Name`].
    Org<T: Name>(T::TEXT);
    /// [`Policy::Not`] as a type.
    Not<T: Require>(&T::POLICY);
    /// All of a tuple of policies, as a type.
    All<T: List>(T::LIST);
    /// Any of a tuple of policies, as a type.
    Any<T: List>(T::LIST);
}

/// A tuple of one to twelve policies.
pub trait List {
    /// The policies, in the order written.
    const LIST: &'static [Policy];
}

macro_rules! list {
    () => {};
    ($first:ident $($rest:ident)*) => {
        impl<$first: Require, $($rest: Require),*> List for ($first, $($rest,)*) {
            const LIST: &'static [Policy] = &[$first::POLICY, $($rest::POLICY),*];
        }
        list!($($rest)*);
    };
}

list!(A B C D E F G H I J K L);

/// A text as a type.
pub trait Name {
    /// The text.
    const TEXT: &'static str;
}

macro_rules! text {
    ($($char:ident)+) => {
        /// A text of up to 32 characters, one parameter each; `'\0'` ends it. [`Join`] makes longer ones.
        #[derive(Debug)]
        pub struct Text<$(const $char: char = '\0'),+>;

        impl<$(const $char: char),+> Text<$($char),+> {
            const BUFFER: Buffer<128> = Buffer::of_chars(&[$($char),+]);
        }

        impl<$(const $char: char),+> Name for Text<$($char),+> {
            const TEXT: &'static str = Self::BUFFER.text();
        }
    };
}

text!(
    C0 C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15
    C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26 C27 C28 C29 C30 C31
);

/// Two texts, one after the other: 1024 bytes at most.
#[derive(Debug)]
pub struct Join<A, B>(PhantomData<(A, B)>);

impl<A: Name, B: Name> Join<A, B> {
    const BUFFER: Buffer<1024> = Buffer::new().with(A::TEXT).with(B::TEXT);
}

impl<A: Name, B: Name> Name for Join<A, B> {
    const TEXT: &'static str = Self::BUFFER.text();
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
}
