//! Beside handlers: what is no handler, and what says that everybody may call it.

#[authsafe::routes]
mod auth {}

pub mod elsewhere {
    pub struct Shop;

    pub async fn health() {}
}

#[authsafe::require_auth]
pub mod handlers {
    use std::future::{Ready, ready};

    macro_rules! number {
        ($name:ident) => {
            pub const $name: u8 = 1;
        };
    }

    #[authsafe::public]
    number!(ONE);

    pub type Result<T> = std::result::Result<T, String>;

    pub const LIMIT: usize = 10;

    pub const LENGTH: fn(&str) -> usize = |text| text.len();

    pub static NAMES: &[&str] = &["a"];

    thread_local! {
        static COUNT: u8 = const { 0 };
    }

    #[authsafe::public]
    pub use super::elsewhere::health;
    pub use super::elsewhere::Shop;
    pub use inner::{order, Order};

    mod inner {
        pub struct Order;

        pub async fn order() {}
    }

    #[authsafe::public]
    pub const READY: fn() -> Ready<()> = || ready(());

    #[authsafe::public]
    pub fn ready_at_once() -> Ready<()> {
        ready(())
    }

    pub fn first<'a, T: Default>(names: &'a [&'a str], _: T) -> Option<&'a str> {
        names.first().copied()
    }

    pub fn parse(text: &str) -> Result<&str> {
        COUNT.with(|_| Ok(text))
    }

    pub fn never() -> ! {
        panic!()
    }

    #[cfg(any())]
    pub fn elsewhere() -> NotCompiled {}

    #[cfg(any())]
    impl Order {
        pub fn elsewhere(&self) -> NotCompiled {}
    }

    impl Iterator for Order {
        type Item = u8;

        fn next(&mut self) -> Option<u8> {
            None
        }
    }

    impl<S: Sync> axum::extract::FromRequestParts<S> for Order {
        type Rejection = std::convert::Infallible;

        #[authsafe::public]
        async fn from_request_parts(
            _: &mut axum::http::request::Parts,
            _: &S,
        ) -> std::result::Result<Self, Self::Rejection> {
            Ok(Self)
        }
    }

    #[cfg(test)]
    mod tests {
        #[tokio::test]
        async fn orders_are_found() {
            super::order().await;
        }
    }

    #[tokio::test]
    async fn orders_are_found() {
        order().await;
    }

    impl Order {
        pub fn new() -> Self {
            Self
        }
    }

    pub struct Repo<T>(Option<T>);

    impl<T: Clone> Repo<T> {
        pub fn get(&self) -> Option<T> {
            self.0.clone()
        }
    }

    pub struct Names<'a>(&'a str);

    impl<'a> Names<'a> {
        pub fn all(&self) -> Names<'a> {
            Names(self.0)
        }

        pub fn each<'b>(&'b self) -> Box<dyn Iterator<Item = &'b str> + 'b> {
            Box::new(self.0.lines())
        }

        pub fn by(&self) -> for<'b> fn(&'b str) -> &'b str {
            str::trim
        }
    }

    pub struct Service;

    impl Service {
        pub const fn new() -> Self {
            Self
        }
    }

    pub const SERVICE: Service = Service::new();
}

#[authsafe::protected(crate = authsafe)]
pub mod protected {
    #[authsafe::require_auth]
    pub async fn orders() {}

    pub fn names() -> Vec<String> {
        Vec::new()
    }

    pub struct Buf<const N: usize>([u8; N]);

    impl<const N: usize> Buf<N> {
        pub fn bytes(&self) -> [u8; N] {
            self.0
        }
    }

    fn private() -> impl Future<Output = ()> {
        async {}
    }

    pub fn router() -> axum::Router {
        drop(private());
        axum::Router::new().route("/", axum::routing::get(orders))
    }
}

fn main() {
    let _ = (handlers::order, handlers::parse, protected::router, protected::names);
}
