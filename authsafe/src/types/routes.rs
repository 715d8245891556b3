//! Which sign-in: where an app has several, each is a type that guards and handlers can name.

use core::any::TypeId;
use core::fmt;
use core::marker::PhantomData;

/// A sign-in as a type.
///
/// [`#[authsafe::routes]`](macro@crate::routes) writes the type `Routes` into its module. An app with more than
/// one sign-in names it in [`Of`](crate::Of).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sign-in",
    label = "expected the `Routes` of a module with `#[authsafe::routes]`",
    note = "write `Of<Session, auth::Routes>` for the sign-in of the module `auth`"
)]
pub trait Routes: 'static {
    /// The place of the sign-in.
    #[doc(hidden)]
    const SITE: Site;

    /// The identity of the sign-in.
    #[doc(hidden)]
    const ID: RoutesId = RoutesId(&Self::SITE);
}

/// The identity of the `#[authsafe::routes]` that a [`Spec`](crate::Spec) comes from.
///
/// Two attributes with the same arguments are two sign-ins. `Debug` shows the path of the module.
#[derive(Clone, Copy)]
pub struct RoutesId(&'static Site);

/// The place of a sign-in in the sources.
pub struct Site {
    number: u128,
    /// What tells two of one number apart: functions may have modules of one path, which one macro writes at one
    /// place. `None`: named by the number alone.
    of: Option<fn() -> TypeId>,
    module: &'static str,
}

impl RoutesId {
    /// The identity of a spec that no attribute wrote. No guard names it.
    pub const NONE: Self = Self(&Site {
        number: 0,
        of: None,
        module: "none",
    });

    /// Returns the number by which types name it: [`At`].
    #[must_use]
    pub const fn number(self) -> u128 {
        self.0.number
    }
}

impl Site {
    /// Returns the identity of the sign-in of this type, in this module, at this place of its file.
    #[must_use]
    pub const fn of<R: 'static>(module: &'static str, line: u32, column: u32) -> Self {
        let number = fnv1a(module.as_bytes(), FNV_BASIS);
        let number = fnv1a(&line.to_le_bytes(), number);
        let number = fnv1a(&column.to_le_bytes(), number);
        Self {
            number,
            of: Some(TypeId::of::<R>),
            module,
        }
    }
}

/// What FNV-1a of 128 bits begins with.
const FNV_BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;

/// Hashes places of source code: those of one program, among which nobody makes two meet.
const fn fnv1a(bytes: &[u8], mut hash: u128) -> u128 {
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u128).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        i += 1;
    }
    hash
}

impl PartialEq for RoutesId {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0.number == other.0.number
            && match (self.0.of, other.0.of) {
                (Some(one), Some(other)) => one() == other(),
                _ => true,
            }
    }
}

impl fmt::Debug for RoutesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.module)
    }
}

/// The choice of the sign-in whose session a guard or an argument asks for.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// The sign-in that a guard of the handler names. If none names one, the innermost layer's.
    Unsaid,
    /// The sign-in of the innermost layer.
    Innermost,
    /// One sign-in, whatever other layers are around the handler.
    Of(RoutesId),
}

impl Whose {
    /// The other one, where this says nothing.
    pub(crate) const fn or(self, other: Self) -> Self {
        match self {
            Self::Unsaid => other,
            said => said,
        }
    }

    /// This one, where it names a sign-in: what is of the innermost layer stands for itself.
    pub(crate) const fn named(self) -> Self {
        match self {
            Self::Innermost => Self::Unsaid,
            named => named,
        }
    }

    /// That of this sign-in.
    pub(crate) const fn of<R: Routes>() -> Self {
        Self::Of(R::ID)
    }
}

/// [`Whose`] as a type.
pub trait SaysWhose: 'static {
    /// The choice.
    const WHOSE: Whose;
}

/// [`Whose::Unsaid`] as a type.
#[derive(Debug)]
pub struct Unsaid;

/// [`Whose::Innermost`] as a type.
#[derive(Debug)]
pub struct Innermost;

/// The routes at `crate::auth`, by their number, as a type. A guard that names no routes belongs to these.
#[derive(Debug)]
pub struct At<const NUMBER: u128>;

impl<const NUMBER: u128> At<NUMBER> {
    const SITE: Site = Site {
        number: NUMBER,
        of: None,
        module: "crate::auth",
    };
}

impl<const NUMBER: u128> SaysWhose for At<NUMBER> {
    const WHOSE: Whose = Whose::Of(RoutesId(&Self::SITE));
}

impl SaysWhose for Unsaid {
    const WHOSE: Whose = Whose::Unsaid;
}

impl SaysWhose for Innermost {
    const WHOSE: Whose = Whose::Innermost;
}

impl<R: Routes> SaysWhose for R {
    const WHOSE: Whose = Whose::Of(R::ID);
}

/// The choice of `A`. If `A` makes none, the choice of `B`.
#[derive(Debug)]
pub struct Or<A, B>(PhantomData<fn() -> (A, B)>);

impl<A: SaysWhose, B: SaysWhose> SaysWhose for Or<A, B> {
    const WHOSE: Whose = A::WHOSE.or(B::WHOSE);
}

/// Returns the choice of a type, for constants.
#[must_use]
pub const fn whose<R: SaysWhose>() -> Whose {
    R::WHOSE
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Shop {}
    impl Routes for Shop {
        const SITE: Site = Site::of::<Self>("demo::shop", 1, 1);
    }

    enum Staff {}
    impl Routes for Staff {
        const SITE: Site = Site::of::<Self>("demo::staff", 1, 1);
    }

    /// One macro may write two at one place, in functions.
    enum Twin {}
    impl Routes for Twin {
        const SITE: Site = Site::of::<Self>("demo::shop", 1, 1);
    }

    #[test]
    fn two_modules_are_two_sign_ins() {
        assert!(Shop::ID == Shop::ID && Shop::ID != RoutesId::NONE);
        assert!(Shop::ID != Staff::ID && Shop::ID != Twin::ID);
        let number = |line, column| Site::of::<Shop>("demo::shop", line, column).number;
        assert!(number(1, 1) == Shop::ID.number());
        assert!(number(2, 1) != number(1, 1) && number(1, 2) != number(1, 1));
        assert_eq!(format!("{:?}", Shop::ID), "demo::shop");
    }

    #[test]
    fn a_number_names_the_routes_that_have_it() {
        let named = whose::<At<{ Shop::ID.number() }>>();
        assert!(matches!(named, Whose::Of(it) if it == Shop::ID && it != Staff::ID));
    }
}
