//! What a session is, how it is sealed, and which cookies or records carry it.

pub(crate) mod cookie;
mod data;
mod record;
pub(crate) mod seal;
pub(crate) mod ticket;

pub use data::DataError;
pub(crate) use data::{Data, DataChange};
pub(crate) use record::{Identity, Second, TooLarge, encode_tokens};
pub use record::{Names, Session, SessionId, User};
