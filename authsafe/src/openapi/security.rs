//! The session cookie as a security scheme.

use utoipa::openapi::extensions::{Extensions, ExtensionsBuilder};
use utoipa::openapi::security::SecurityRequirement;

use crate::spec::SpecParts;

/// The security scheme: the session cookie. Guards name it too.
pub(super) const SESSION: &str = "session";

/// The scopes that there are: OpenAPI has a place for them in other schemes than these.
pub(super) fn with_scopes(spec: &SpecParts) -> Extensions {
    ExtensionsBuilder::new()
        .add("x-scopes", spec.scopes)
        .build()
}

/// Returns what an operation asks for that anybody with a session may call.
pub(super) fn signed_in() -> SecurityRequirement {
    SecurityRequirement::new(SESSION, [""; 0])
}
