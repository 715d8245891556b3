//! The protocol, pure: values in, values or messages out. No framework, no clock, no socket.

pub(crate) mod access_token;
pub(crate) mod authorize;
pub(crate) mod bearer;
pub(crate) mod bearer_token;
pub(crate) mod callback;
pub(crate) mod client;
pub(crate) mod discovery;
pub(crate) mod forwarded;
pub(crate) mod id_token;
pub(crate) mod jwks;
pub(crate) mod logout;
pub(crate) mod logout_token;
pub(crate) mod origin;
pub(crate) mod resource;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod token;
pub(crate) mod transaction;
