//! The protocol's words as types: one that exists is a good one.

mod boxed;
mod issuer;
mod location;
mod random;
mod reason;
mod routes;
mod scopes;
mod subject;
mod token;
mod url;

pub(crate) use boxed::{Boxed, spawn};
pub use issuer::Tenants;
pub(crate) use issuer::TokenIssuer;
pub(crate) use location::{Location, ReturnTo};
pub(crate) use random::{CodeVerifier, Nonce, RANDOM_LEN, State};
pub use reason::Reason;
pub(crate) use routes::SaysWhose;
pub use routes::{At, Innermost, Or, Routes, RoutesId, Site, Unsaid, Whose, whose};
pub(crate) use scopes::{Scopes, is_openid_scope, is_scope_token};
pub(crate) use subject::{Subject, Subjects};
pub use token::{Token, Tokens};
pub(crate) use url::{AppUrl, Http, Issuer, audience, cookie_domain, origin, url_over, web_url};
