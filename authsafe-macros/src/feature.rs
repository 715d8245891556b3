//! What the runtime was built with, where an attribute needs it.

use proc_macro2::Span;

use crate::error::Errors;

/// A framework: axum, actix-web or tower.
const FRAMEWORK: bool = cfg!(any(feature = "framework", test));

/// The shared state in Redis.
pub(crate) const REDIS: bool = cfg!(any(feature = "redis", test));

/// The OpenAPI document of the endpoints: guards say there what they ask for.
pub(crate) const OPENAPI: bool = cfg!(any(feature = "openapi", test));

/// Says of an attribute that it needs a framework, where there is none.
pub(crate) fn framework(attribute: &str, errors: &mut Errors) {
    if !FRAMEWORK {
        let sentence = framework_missing(attribute);
        errors.push(syn::Error::new(Span::call_site(), sentence));
    }
}

// Sentences.

/// An attribute without any framework to serve.
fn framework_missing(attribute: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "`#[{attribute}]` needs the feature of a framework (`axum`, `actix` or `tower`), and this build is without one; write in Cargo.toml: authsafe = {{ version = \"{version}\", features = [\"axum\"] }}"
    )
}

pub(crate) fn feature_missing(what: &str, feature: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "`{what}` needs the feature `{feature}`, which this build is without; write in Cargo.toml: authsafe = {{ version = \"{version}\", features = [\"{feature}\"] }}"
    )
}
