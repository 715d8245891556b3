//! Rules that hold while an app compiles and while it starts: what a text must be to be a scope, a
//! path or a URL, which paths a pattern has, and which spelling was meant.
//!
//! The crates `authsafe` and `authsafe-macros` share it, so that no rule is written twice. It is
//! theirs alone: its items may change with each release.

#![forbid(unsafe_code)]

pub mod cookie;
mod cover;
pub mod default;
pub mod letters;
pub mod limit;
pub mod mended;
pub mod mistake;
pub mod origin;
pub mod pattern;
pub mod rule;
pub mod spelling;
pub mod target;
pub mod text;
pub mod wrong;
