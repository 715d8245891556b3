//! Guards: who gets to a handler, and what everybody else is told.

mod admit;
#[cfg(any(feature = "axum", feature = "actix"))]
mod argument;
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
pub(crate) use admit::admit_path;
#[cfg(feature = "actix")]
pub(crate) use argument::{AsksPolicy, argument_at_once};
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) use argument::{argument, decide, holder};
#[cfg(feature = "actix")]
pub(crate) use at_once::AtOnce;
pub use authorized::Authorized;
pub(crate) use context::{RequestContext, as_asked, with_path};
pub use guard::{Decided, Guard, SaidBy};
pub use place::{GuardThatStays, InTrait, Place};
pub use policy_tree::{By, Holds, Tree};
pub(crate) use request_session::{RequestSession, append};
pub use session_data::SessionData;
pub use unseen::{NoFuture, Returned, sees};
pub use visitor::{Of, Visitor};
