//! A local provider for demos and for tests: sign-in without an account, an internet
//! connection or a mock.
//!
//! [`LocalProvider`] speaks what AuthSafe speaks (OpenID Connect Core, PKCE with S256, refresh
//! token rotation, revocation, introspection, RP-initiated logout) on a loopback port. It asks
//! for no password and signs with keys that it makes at start, so it refuses to listen anywhere
//! but on loopback.
//!
//! ```no_run
//! use authsafe::dev::{Endpoint, LocalProvider, User};
//!
//! # async fn test() -> Result<(), authsafe::dev::DevError> {
//! let provider = LocalProvider::builder()
//!     .user(User::new("alice").name("Alice Admin").scopes(["admin"]).roles(["admin"]))
//!     .client("my-app", Some("my-secret"))
//!     .start()
//!     .await?;
//!
//! println!("AUTHSAFE_DOMAIN={}", provider.issuer());
//! // ... sign in ...
//! assert_eq!(provider.calls(Endpoint::Token), 1);
//! # Ok(())
//! # }
//! ```
//!
//! A test signs in without a browser by adding `&user=alice` to the authorization URL: the
//! provider then answers with the redirect at once, as if Alice had been chosen on its page.

mod authorize;
mod builder;
mod claims;
mod client;
mod discovery;
mod endpoint;
mod error;
mod introspect;
mod keys;
mod knobs;
mod logout;
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
pub use knobs::ClaimForm;
pub use provider::LocalProvider;
pub use shared::random_secret;
pub use user::User;
