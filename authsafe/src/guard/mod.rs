//! Guards: who gets to a handler, and what everybody else is told.

mod admit;
#[cfg(feature = "actix")]
mod at_once;
mod authorized;
mod challenge;
mod context;
mod guard;
mod place;
mod policy_tree;
mod request_session;
mod session_data;
mod unseen;
mod visitor;
mod way_in;

pub use admit::Admit;
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) use admit::argument;
#[cfg(feature = "actix")]
pub(crate) use admit::argument_at_once;
pub(crate) use admit::{admit_path, meets};
#[cfg(feature = "actix")]
pub(crate) use at_once::AtOnce;
#[cfg(feature = "actix")]
pub(crate) use authorized::AsksPolicy;
pub use authorized::Authorized;
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) use authorized::{decide, holder};
pub(crate) use context::{RequestContext, as_asked, with_path};
pub use guard::{Decided, Guard, SaidBy};
pub use place::{GuardThatStays, InTrait, Place};
pub use policy_tree::{By, Holds, Tree};
pub(crate) use request_session::{RequestSession, append};
pub use session_data::SessionData;
pub use unseen::{NoFuture, Returned, sees};
pub use visitor::{Of, Visitor};
