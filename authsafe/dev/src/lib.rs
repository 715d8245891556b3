#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod authorize;
mod builder;
mod claims;
mod client;
mod discovery;
mod endpoint;
mod error;
mod introspect;
mod kept;
mod keys;
mod knobs;
mod logout;
mod manner;
mod oauth_error;
mod pages;
mod params;
mod pkce;
mod provider;
mod revoke;
mod server;
mod shared;
mod store;
mod token;
mod user;
mod userinfo;

pub use builder::Builder;
pub use endpoint::Endpoint;
pub use error::DevError;
pub use knobs::{ClaimForm, ClientAuth};
pub use provider::LocalProvider;
pub use shared::random_secret;
pub use user::User;
