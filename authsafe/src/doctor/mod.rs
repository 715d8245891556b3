//! What `authsafe doctor` asks a provider for real, and what it makes of the answers.
//!
//! Nobody signs in: what only a sign-in shows is said to be unknown.

mod attribute;
mod authorization;
mod discovery;
mod examination;
mod known;
mod offers;
mod report;
mod token_endpoint;
mod words;

pub use examination::Depth;
pub(crate) use examination::examine;
pub use report::{Finding, Report, State, Verdict, Way, Ways};
