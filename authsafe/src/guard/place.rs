//! Where a guarded method stands: a method of a type stays, one that a trait has by default may be replaced.

use core::marker::PhantomData;

/// The place of a method, by the type that it is of. Within a trait that is any type, and may be one without a size.
#[derive(Debug)]
pub struct Place<T: ?Sized>(PhantomData<fn(&T)>);

impl<T> Place<T> {
    /// Returns the first. This function goes before that of [`InTrait`].
    pub fn of_method<A, B>(of_type: A, _of_trait: B) -> A {
        of_type
    }
}

/// Of a place in a trait.
pub trait InTrait {
    /// Returns the second.
    fn of_method<A, B>(_of_type: A, of_trait: B) -> B {
        of_trait
    }
}

impl<T: ?Sized> InTrait for Place<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    trait Shop {
        fn by_default(&self) -> &'static str {
            Place::<Self>::of_method("type", "trait")
        }

        fn own(&self) -> &'static str;
    }

    impl<T> Shop for Vec<T> {
        fn own(&self) -> &'static str {
            Place::<Self>::of_method("type", "trait")
        }
    }

    #[test]
    fn a_method_that_a_trait_has_by_default_is_told_from_those_of_types() {
        let shop: Vec<u8> = Vec::new();
        assert_eq!([shop.by_default(), shop.own()], ["trait", "type"]);
    }
}
