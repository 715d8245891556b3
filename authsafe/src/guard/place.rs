//! Where a guarded method stands: a method of a type stays, one that a trait has by default may be replaced.

use core::marker::PhantomData;

/// The place of a method, by the type that it is of. Within a trait that is any type, and may be one without a size.
#[derive(Debug)]
pub struct Place<T: ?Sized>(PhantomData<fn(&T)>);

/// A method that nobody replaces.
#[derive(Debug)]
pub struct MethodOfAType;

/// A method that an implementation may replace, and its guard with it.
#[derive(Debug)]
pub struct DefaultMethodOfATrait;

impl<T> Place<T> {
    /// Returns where it stands. This function goes before that of [`InTrait`].
    #[must_use]
    pub const fn of_method() -> MethodOfAType {
        MethodOfAType
    }
}

/// Of a place in a trait.
pub trait InTrait {
    /// Returns where it stands.
    #[must_use]
    fn of_method() -> DefaultMethodOfATrait {
        DefaultMethodOfATrait
    }
}

impl<T: ?Sized> InTrait for Place<T> {}

/// Of methods whose guard nobody replaces.
#[diagnostic::on_unimplemented(
    message = "an implementation of the trait may replace this method, and then nothing guards it; put the guard on a handler outside of the trait, which calls this method",
    label = "the default method of a trait"
)]
pub trait GuardThatStays: Sized {
    /// Compiles for them alone.
    #[inline]
    fn stays(self) {}
}

#[diagnostic::do_not_recommend]
impl GuardThatStays for MethodOfAType {}

#[cfg(test)]
mod tests {
    use core::any::type_name_of_val;

    use super::*;

    trait Shop {
        fn by_default(&self) -> &'static str {
            type_name_of_val(&Place::<Self>::of_method())
        }

        fn own(&self) -> &'static str;
    }

    impl<T> Shop for Vec<T> {
        fn own(&self) -> &'static str {
            Place::<Self>::of_method().stays();
            type_name_of_val(&Place::<Self>::of_method())
        }
    }

    #[test]
    fn a_method_that_a_trait_has_by_default_is_told_from_those_of_types() {
        let shop: Vec<u8> = Vec::new();
        assert!(shop.by_default().ends_with("DefaultMethodOfATrait"));
        assert!(shop.own().ends_with("MethodOfAType"));
    }
}
