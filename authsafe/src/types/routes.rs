//! Which sign-in: where an app has several, each is a type that guards and handlers can name.

use core::any::TypeId;
use core::fmt;
use core::marker::PhantomData;

/// A sign-in as a type: the `Routes` that [`#[authsafe::routes]`](macro@crate::routes) writes into its
/// module.
///
/// [`Of`](crate::Of) names it, for apps with more than one sign-in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sign-in",
    label = "expected the `Routes` of a module with `#[authsafe::routes]`",
    note = "write `Of<Session, auth::Routes>` for the sign-in of the module `auth`"
)]
pub trait Routes: 'static {
    /// Where it is.
    #[doc(hidden)]
    const SITE: Site;

    /// Which.
    #[doc(hidden)]
    const ID: RoutesId = RoutesId(&Self::SITE);
}

/// Which `#[authsafe::routes]` a [`Spec`](crate::Spec) is of.
///
/// Two that say the same are two sign-ins all the same. Its `Debug` is the path of the module.
#[derive(Clone, Copy)]
pub struct RoutesId(&'static Site);

/// Where in the sources a sign-in is.
pub struct Site {
    number: u128,
    /// What tells two of one number apart: functions may have modules of one path, which one macro writes at one
    /// place. `None`: named by the number alone.
    of: Option<fn() -> TypeId>,
    module: &'static str,
}

impl RoutesId {
    /// Of a spec that no attribute wrote. It is no guard's.
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
    /// That of the sign-in which this type stands for, in this module, at this place of its file.
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

/// Whose session is asked for.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// That of the handler's guards, where one names its routes; else the innermost layer's.
    Unsaid,
    /// The innermost layer's.
    Innermost,
    /// That of one sign-in, whichever layers lie between.
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

    /// That of this sign-in.
    pub(crate) const fn of<R: Routes>() -> Self {
        Self::Of(R::ID)
    }
}

/// [`Whose`] as a type.
pub trait SaysWhose: 'static {
    /// Whose.
    const WHOSE: Whose;
}

/// [`Whose::Unsaid`] as a type.
#[derive(Debug)]
pub struct Unsaid;

/// [`Whose::Innermost`] as a type.
#[derive(Debug)]
pub struct Innermost;

/// The routes with this number, which are at `crate::auth`, as a type: a guard that names none is of these.
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

/// What the first says; where it says nothing, what the second says.
#[derive(Debug)]
pub struct Or<A, B>(PhantomData<fn() -> (A, B)>);

impl<A: SaysWhose, B: SaysWhose> SaysWhose for Or<A, B> {
    const WHOSE: Whose = A::WHOSE.or(B::WHOSE);
}

/// The value of a type that says whose, for constants.
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
