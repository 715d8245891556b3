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
    /// Which.
    #[doc(hidden)]
    const ID: RoutesId;
}

/// Which `#[authsafe::routes]` a [`Spec`](crate::Spec) is of.
///
/// Two that say the same are two sign-ins all the same. Its `Debug` is the path of the module.
#[derive(Clone, Copy)]
pub struct RoutesId {
    number: u128,
    /// What tells two of one number apart: functions may have modules of one path, which one macro writes at one
    /// place. `None`: named by the number alone.
    of: Option<fn() -> TypeId>,
    module: &'static str,
}

impl RoutesId {
    /// Of a spec that no attribute wrote. It is no guard's.
    pub const NONE: Self = Self {
        number: 0,
        of: None,
        module: "none",
    };

    /// The one that this type stands for, in this module, at this place of its file.
    #[must_use]
    pub const fn at<R: 'static>(module: &'static str, line: u32, column: u32) -> Self {
        let number = fnv1a(module.as_bytes(), FNV_BASIS);
        let number = fnv1a(&line.to_le_bytes(), number);
        let number = fnv1a(&column.to_le_bytes(), number);
        Self {
            number,
            of: Some(TypeId::of::<R>),
            module,
        }
    }

    /// Returns the number by which types name it: [`At`].
    #[must_use]
    pub const fn number(self) -> u128 {
        self.number
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
        let is_one_type = match (self.of, other.of) {
            (Some(one), Some(other)) => one() == other(),
            _ => true,
        };
        self.number == other.number && is_one_type
    }
}

impl fmt::Debug for RoutesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.module)
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

impl<const NUMBER: u128> SaysWhose for At<NUMBER> {
    const WHOSE: Whose = Whose::Of(RoutesId {
        number: NUMBER,
        of: None,
        module: "crate::auth",
    });
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

    #[test]
    fn two_modules_are_two_sign_ins() {
        let shop = RoutesId::at::<u8>("demo::shop", 1, 1);
        assert!(shop == RoutesId::at::<u8>("demo::shop", 1, 1) && shop != RoutesId::NONE);
        // Functions may each have a module of the same path.
        let others = [
            RoutesId::at::<u8>("demo::staff", 1, 1),
            RoutesId::at::<u8>("demo::shop", 2, 1),
            RoutesId::at::<u8>("demo::shop", 1, 2),
            RoutesId::at::<u16>("demo::shop", 1, 1),
        ];
        assert!(others.iter().all(|it| *it != shop));
        assert_eq!(format!("{shop:?}"), "demo::shop");
    }

    #[test]
    fn a_number_names_the_routes_that_have_it() {
        const SHOP: RoutesId = RoutesId::at::<u8>("demo::auth", 1, 1);
        assert!(matches!(whose::<At<{ SHOP.number() }>>(), Whose::Of(it) if it == SHOP));
    }
}
