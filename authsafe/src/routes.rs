//! Which sign-in: where an app has several, each is a type that guards and handlers can name.

use core::any::{TypeId, type_name};
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
pub trait Routes: 'static {}

/// Which `#[authsafe::routes]` a [`Spec`](crate::Spec) is of.
///
/// Two that say the same are two sign-ins all the same. Its `Debug` is the path of the module.
#[derive(Clone, Copy)]
pub struct RoutesId {
    // Called where they are compared: `TypeId::of` is no `const fn` yet.
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl RoutesId {
    /// Of a spec that no attribute wrote. It is no guard's.
    pub const NONE: Self = Self::of::<Unsaid>();

    /// The one that this type stands for.
    #[must_use]
    pub const fn of<R: 'static>() -> Self {
        Self {
            id: TypeId::of::<R>,
            name: type_name::<R>,
        }
    }
}

impl PartialEq for RoutesId {
    fn eq(&self, other: &Self) -> bool {
        (self.id)() == (other.id)()
    }
}

impl Eq for RoutesId {}

impl fmt::Debug for RoutesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = (self.name)();
        f.write_str(name.strip_suffix("::Routes").unwrap_or(name))
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
        Self::Of(RoutesId::of::<R>())
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

impl SaysWhose for Unsaid {
    const WHOSE: Whose = Whose::Unsaid;
}

impl SaysWhose for Innermost {
    const WHOSE: Whose = Whose::Innermost;
}

impl<R: Routes> SaysWhose for R {
    const WHOSE: Whose = Whose::Of(RoutesId::of::<R>());
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

    mod shop {
        pub(super) enum Routes {}
    }

    mod staff {
        pub(super) enum Routes {}
    }

    #[test]
    fn two_modules_are_two_sign_ins() {
        let (shop, staff) = (
            RoutesId::of::<shop::Routes>(),
            RoutesId::of::<staff::Routes>(),
        );
        assert!(shop == RoutesId::of::<shop::Routes>());
        assert!(shop != staff && shop != RoutesId::NONE);
        assert!(format!("{staff:?}").ends_with("routes::tests::staff"));
    }
}
