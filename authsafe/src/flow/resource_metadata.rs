//! `GET` of the protected resource's metadata (RFC 9728 §3).

use http::StatusCode;

use super::app::App;
use crate::protocol::resource_metadata::Metadata;
use crate::response::{self, Response};

/// RFC 9728 §3.2: which provider's tokens this app takes, for clients that come without one.
pub(crate) fn resource_metadata(app: &App) -> Response {
    let audience = app.config.bearer.as_ref().map(|it| it.audience.as_str());
    let audience = audience.unwrap_or_default();
    let metadata = Metadata::new(audience, app.provider.client());
    response::json(StatusCode::OK, &metadata)
}
