//! The endpoints as an OpenAPI 3.1 document, and what guards write into those of handlers.

mod bearer;
mod document;
mod endpoints;
mod guards;
mod refusals;
mod schemas;
mod security;

pub use guards::{Named, NamedRefusals, Refusals};
