//! Sign-in for Rust web apps.
#![forbid(unsafe_code)]

mod clock;
mod error;
mod hooks;
mod policy;
mod protocol;
mod response;
mod session;
mod spec;
mod types;
pub use clock::*;
pub use error::*;
pub use hooks::*;
pub use policy::*;
pub use response::*;
pub use session::*;
pub use spec::*;
pub use types::*;
