//! The check, while the program compiles, that a function without `async` is no handler.

use core::future::Future;
use core::marker::PhantomData;

use crate::policy::Buffer;

/// The type that a function returns.
#[derive(Debug)]
pub struct Returned<T: ?Sized>(PhantomData<T>);

impl<T: Future + ?Sized> Returned<T> {
    /// Tells whether it is a future. This constant goes before that of [`NoFuture`].
    pub const IS_FUTURE: bool = true;
}

/// Of what is no future.
pub trait NoFuture {
    /// It is none.
    const IS_FUTURE: bool = false;
}

impl<T: ?Sized> NoFuture for Returned<T> {}

/// Does not compile where the function of this name returns a future: the attribute cannot see it.
#[track_caller]
pub const fn sees(attribute: &str, name: &str, is_future: bool) {
    if is_future {
        let message = Buffer::<1024>::new()
            .fit("`#[")
            .fit(attribute)
            .fit("]` sees handlers in `async fn` alone, and `")
            .fit(name)
            .fit("` returns a future; write `async fn ")
            .fit(name)
            .fit("`, or `#[public]` above it if everybody may call it");
        panic!("{}", message.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::future::Ready;
    use core::pin::Pin;

    type Answer = Pin<Box<dyn Future<Output = String> + Send>>;

    #[test]
    fn a_future_is_known_by_whatever_name() {
        const { assert!(Returned::<Answer>::IS_FUTURE) };
        const { assert!(Returned::<Ready<u8>>::IS_FUTURE) };
        const { assert!(!Returned::<String>::IS_FUTURE) };
        const { assert!(!Returned::<&str>::IS_FUTURE) };
        const { assert!(!Returned::<Vec<Answer>>::IS_FUTURE) };
    }
}
