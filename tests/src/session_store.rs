//! What every session store must do.

use std::time::Duration;

use authsafe::store::SessionStore;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(1);

/// Falls over where a store does not do as it must. The store is empty.
pub async fn is_a_session_store(store: &dyn SessionStore) {
    assert_eq!(store.load("a").await.unwrap(), None);
    assert!(!store.save("a", b"late", LONG).await.unwrap());
    assert_eq!(store.load("a").await.unwrap(), None, "save is not create");

    assert!(store.create("a", b"1\0\xff", LONG).await.unwrap());
    assert!(!store.create("a", b"2", LONG).await.unwrap());
    assert_eq!(store.load("a").await.unwrap().unwrap(), b"1\0\xff");
    assert!(store.save("a", b"3", LONG).await.unwrap());
    assert_eq!(store.load("a").await.unwrap().unwrap(), b"3");

    store.delete("a").await.unwrap();
    store.delete("a").await.unwrap();
    assert_eq!(store.load("a").await.unwrap(), None);
    assert!(!store.save("a", b"4", LONG).await.unwrap());
    assert_eq!(
        store.load("a").await.unwrap(),
        None,
        "it does not come back"
    );
    assert!(store.create("a", b"5", LONG).await.unwrap());
    assert!(store.save("a", b"6", LONG).await.unwrap());

    assert!(store.create("short", b"1", SHORT).await.unwrap());
    tokio::time::sleep(2 * SHORT + SHORT / 2).await;
    assert_eq!(store.load("short").await.unwrap(), None);
    assert!(!store.save("short", b"2", LONG).await.unwrap());
    assert!(store.create("short", b"3", LONG).await.unwrap());
    assert_eq!(store.load("short").await.unwrap().unwrap(), b"3");
}
