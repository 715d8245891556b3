//! Shared states that do something of their own, and are one in memory besides.

/// Methods of a `SharedState` that are those of its field `state`.
#[macro_export]
macro_rules! as_in_memory {
    ($($method:ident)+) => { $($crate::as_in_memory!(@ $method);)+ };
    (@ get) => {
        fn get<'a>(&'a self, keys: &'a [&'a str]) -> StateFuture<'a, Vec<Option<Vec<u8>>>> {
            self.state.get(keys)
        }
    };
    (@ put) => {
        fn put<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, ()> {
            self.state.put(key, value, ttl)
        }
    };
    (@ put_new) => {
        fn put_new<'a>(&'a self, key: &'a str, value: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
            self.state.put_new(key, value, ttl)
        }
    };
    (@ remove_if) => {
        fn remove_if<'a>(&'a self, key: &'a str, value: &'a [u8]) -> StateFuture<'a, ()> {
            self.state.remove_if(key, value)
        }
    };
    (@ count) => {
        fn count<'a>(&'a self, key: &'a str, ttl: Duration) -> StateFuture<'a, u64> {
            self.state.count(key, ttl)
        }
    };
}
