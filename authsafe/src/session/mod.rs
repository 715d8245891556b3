//! What a session is, how it is sealed, and which cookies or records carry it.

pub(crate) mod cookie;
mod data;
mod id;
mod identity;
mod record;
pub(crate) mod seal;
pub(crate) mod ticket;
mod tokens;

pub use data::DataError;
pub(crate) use data::{Data, DataChange};
pub use id::SessionId;
pub(crate) use identity::{Identity, TooLarge};
pub use record::{AccessTokenError, Names, Session, User};
pub(crate) use tokens::{KeptTokens, SessionTokens, encode_tokens};
