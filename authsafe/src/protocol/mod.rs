//! The protocol, pure: values in, values or messages out. No framework, no clock, no socket.

pub(crate) mod access_token;
pub(crate) mod authorization_header;
pub(crate) mod authorize;
pub(crate) mod callback;
pub(crate) mod claim_paths;
pub(crate) mod claims;
pub(crate) mod client;
pub(crate) mod client_auth;
pub(crate) mod discovery;
pub(crate) mod end_session;
#[cfg(test)]
mod every_algorithm;
pub(crate) mod form_post;
pub(crate) mod forwarded;
pub(crate) mod grants;
pub(crate) mod id_token;
pub(crate) mod jwks;
pub(crate) mod kept_form;
pub(crate) mod logout_token;
pub(crate) mod origin;
pub(crate) mod refusal;
pub(crate) mod resource_metadata;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod token_endpoint;
pub(crate) mod transaction;
pub(crate) mod userinfo;
