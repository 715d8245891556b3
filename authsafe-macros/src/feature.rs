//! What the runtime was built with, where an attribute needs it.

use proc_macro2::Span;

use crate::error::{self, Errors};

/// The provider over HTTP, and with it everything that starts.
pub(crate) const CLIENT: bool = cfg!(any(feature = "client", test));

/// The shared state in Redis.
pub(crate) const REDIS: bool = cfg!(any(feature = "redis", test));

/// The OpenAPI document of the endpoints: guards say there what they ask for.
pub(crate) const OPENAPI: bool = cfg!(any(feature = "openapi", test));

/// An attribute that needs [`CLIENT`] says so where it lacks.
pub(crate) fn client(attribute: &str, errors: &mut Errors) {
    if !CLIENT {
        let sentence = error::framework_missing(attribute);
        errors.push(syn::Error::new(Span::call_site(), sentence));
    }
}
