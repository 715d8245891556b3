//! Stores of the tower-sessions family as session stores.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::URL_SAFE_NO_PAD as BASE64;
use cookie::time::OffsetDateTime;

use super::error::{StateError, StateFuture};
use super::kept::Kept;
use super::session_store::SessionStore;
use crate::clock::Clock;

/// How many deleted records are remembered, and for how long: no save takes longer.
const DELETED: usize = 200_000;
const MEMORY: Duration = Duration::from_secs(600);

/// The one entry of a record's data.
const NAME: &str = "authsafe";

/// A [`SessionStore`] in any store of the tower-sessions family: Postgres, MySQL, SQLite, `MongoDB`
/// and more.
///
/// ```ignore
/// use authsafe::store::TowerSessions;
/// use tower_sessions_sqlx_store::{PostgresStore, sqlx};
///
/// async fn sessions() -> Result<TowerSessions, sqlx::Error> {
///     let url = std::env::var("DATABASE_URL").unwrap_or_default();
///     let store = PostgresStore::new(sqlx::PgPool::connect(&url).await?);
///     store.migrate().await?;
///     Ok(TowerSessions::new_0_14(store)) // tower-sessions-sqlx-store 0.15 is of core 0.14
/// }
///
/// #[authsafe::routes(session(store = sessions))]
/// pub mod auth {}
/// ```
///
/// Have the store delete what has run out (`ExpiredDeletion`): beside sessions it holds locks and
/// marks that are short-lived.
///
/// # What this family cannot promise
///
/// Its `save` writes a record also where there is none, so this looks before it saves, and deletes
/// again what this process has deleted meanwhile. A save of another process that falls between a
/// delete and the look before it does write the record again. It opens no door: the end of a session
/// is also marked under a key of its own, which nothing removes before the session would have run
/// out. Nor is its `create` always one step, so that a lock among processes waits for a tenth of a
/// second and looks again whether it has it: two processes refresh one session at once only where a
/// write takes longer than that. With `shared_state(redis = ...)` beside it the locks are there, and
/// at once; sessions in Redis, or in a [`SessionStore`] of your own, have none of these gaps.
#[derive(Clone)]
pub struct TowerSessions {
    store: Arc<dyn Family>,
    /// What this process has deleted a while ago.
    deleted: Arc<Kept<String, ()>>,
}

impl TowerSessions {
    /// Over a store of tower-sessions-core 0.15.
    #[cfg(feature = "tower-sessions")]
    #[must_use]
    pub fn new(store: impl tower_sessions_core::SessionStore) -> Self {
        Self::over(of_0_15::Of(store))
    }

    /// Over a store of tower-sessions-core 0.14, with which tower-sessions-sqlx-store 0.15 and
    /// tower-sessions-redis-store 0.16 are.
    #[cfg(feature = "tower-sessions-0-14")]
    #[must_use]
    pub fn new_0_14(store: impl tower_sessions_core_0_14::SessionStore) -> Self {
        Self::over(of_0_14::Of(store))
    }

    fn over(store: impl Family) -> Self {
        Self {
            store: Arc::new(store),
            deleted: Arc::new(Kept::new(MEMORY, DELETED)),
        }
    }

    /// Creates a record under this id and no other: where there is one, this family takes another
    /// id.
    async fn create_under(
        &self,
        id: i128,
        record: &str,
        end: OffsetDateTime,
    ) -> Result<bool, StateError> {
        let created = self.store.create(id, record.to_owned(), end).await?;
        if created != id {
            self.store.delete(created).await?;
        }
        Ok(created == id)
    }
}

/// Without the store: what it shows of itself is its own business.
impl fmt::Debug for TowerSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TowerSessions(..)")
    }
}

impl SessionStore for TowerSessions {
    fn create<'a>(
        &'a self,
        key: &'a str,
        record: &'a [u8],
        ttl: Duration,
    ) -> StateFuture<'a, bool> {
        Box::pin(async move {
            let (id, record, end) = (id(key), BASE64.encode_to_string(record), end(ttl)?);
            if self.store.load(id).await?.is_some() {
                return Ok(false);
            }
            let mut is_created = self.create_under(id, &record, end).await?;
            if !is_created && self.store.load(id).await?.is_none() {
                // One that has run out, and that nobody has deleted yet, is in the way.
                self.store.delete(id).await?;
                is_created = self.create_under(id, &record, end).await?;
            }
            if is_created {
                self.deleted.remove(key);
            }
            Ok(is_created)
        })
    }

    fn load<'a>(&'a self, key: &'a str) -> StateFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let record = self.store.load(id(key)).await?;
            // What is not ours to read is no record.
            Ok(record.and_then(|record| BASE64.decode_to_vec(record).ok()))
        })
    }

    fn save<'a>(&'a self, key: &'a str, record: &'a [u8], ttl: Duration) -> StateFuture<'a, bool> {
        Box::pin(async move {
            let id = id(key);
            if self.store.load(id).await?.is_none() {
                return Ok(false);
            }
            let record = BASE64.encode_to_string(record);
            self.store.save(id, record, end(ttl)?).await?;
            let is_over = self.deleted.get(key).is_some();
            if is_over {
                self.store.delete(id).await?;
            }
            Ok(!is_over)
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StateFuture<'a, ()> {
        // First, so that a save that comes too late for the delete still comes upon this.
        self.deleted.put(key.to_owned(), ());
        self.store.delete(id(key))
    }

    fn creates_in_one_step(&self) -> bool {
        false
    }
}

/// A key as an id of this family: 128 bits of its hash.
fn id(key: &str) -> i128 {
    let hash = digest(&SHA256, key.as_bytes());
    let bytes = hash.as_ref().first_chunk();
    // SHA-256 has 32 bytes, so that there are 16.
    bytes.map_or(0, |bytes| i128::from_be_bytes(*bytes))
}

/// Returns when something ends that lasts this long from now.
fn end(ttl: Duration) -> Result<OffsetDateTime, StateError> {
    let end = Clock::default().now().saturating_add(ttl.as_secs().max(1));
    let end = i64::try_from(end).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(end).map_err(StateError::new)
}

/// What the releases of the family have in common.
trait Family: Send + Sync + 'static {
    /// Creates a record, under this id or another: under which?
    fn create(&self, id: i128, record: String, end: OffsetDateTime) -> StateFuture<'_, i128>;
    fn load(&self, id: i128) -> StateFuture<'_, Option<String>>;
    fn save(&self, id: i128, record: String, end: OffsetDateTime) -> StateFuture<'_, ()>;
    fn delete(&self, id: i128) -> StateFuture<'_, ()>;
}

/// One release of the family.
macro_rules! family {
    ($name:ident, $feature:literal, $release:ident) => {
        #[cfg(feature = $feature)]
        mod $name {
            use $release::SessionStore;
            use $release::session::{Id, Record};

            use super::{Family, NAME, OffsetDateTime, StateError, StateFuture};

            pub(crate) struct Of<S>(pub(super) S);

            fn record(id: i128, record: String, end: OffsetDateTime) -> Record {
                Record {
                    id: Id(id),
                    data: [(NAME.to_owned(), record.into())].into(),
                    expiry_date: end,
                }
            }

            impl<S: SessionStore> Family for Of<S> {
                fn create(
                    &self,
                    id: i128,
                    text: String,
                    end: OffsetDateTime,
                ) -> StateFuture<'_, i128> {
                    Box::pin(async move {
                        let mut record = record(id, text, end);
                        let created = self.0.create(&mut record).await;
                        created.map_err(StateError::new)?;
                        Ok(record.id.0)
                    })
                }

                fn load(&self, id: i128) -> StateFuture<'_, Option<String>> {
                    Box::pin(async move {
                        let record = self.0.load(&Id(id)).await.map_err(StateError::new)?;
                        let text = record.as_ref().and_then(|it| it.data.get(NAME)?.as_str());
                        Ok(text.map(str::to_owned))
                    })
                }

                fn save(&self, id: i128, text: String, end: OffsetDateTime) -> StateFuture<'_, ()> {
                    Box::pin(async move {
                        let record = record(id, text, end);
                        self.0.save(&record).await.map_err(StateError::new)
                    })
                }

                fn delete(&self, id: i128) -> StateFuture<'_, ()> {
                    Box::pin(async move { self.0.delete(&Id(id)).await.map_err(StateError::new) })
                }
            }
        }
    };
}

family!(of_0_15, "tower-sessions", tower_sessions_core);
family!(of_0_14, "tower-sessions-0-14", tower_sessions_core_0_14);
