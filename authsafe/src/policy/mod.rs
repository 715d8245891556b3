//! Who may pass: policies as values and as types, the app's own, and the names that they may ask for.

mod buffer;
mod decision;
pub(crate) mod declared_names;
pub(crate) mod signature;
mod tree;
mod typed;

pub(crate) use buffer::Buffer;
pub(crate) use decision::Outcome;
pub use decision::{Decision, NamedPolicy};
pub use tree::Policy;
pub use typed::{
    All, Any, Join, List, Name, Not, Org, Permission, Recent, Require, Role, Scope, SignedIn, Text,
};
