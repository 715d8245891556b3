//! The path that the browser asked for.

use http::request::Parts;
use http::{Extensions, Uri};

use crate::guard;

/// Returns the URI as the browser asked for it. axum's routers cut the path for those that are nested in
/// them, and keep it.
pub(super) fn asked_for<'r>(uri: &'r Uri, extensions: &'r Extensions) -> &'r Uri {
    #[cfg(feature = "axum")]
    if let Some(axum::extract::OriginalUri(uri)) = extensions.get() {
        return uri;
    }
    let _ = extensions;
    uri
}

/// Returns the request of an endpoint with the path that the browser asked for, whatever has been cut off from
/// it since.
pub(super) fn as_asked(request: Parts) -> Parts {
    let by_router = || {
        let uri = asked_for(&request.uri, &request.extensions);
        guard::with_path(&request, uri.path())
    };
    let as_asked = guard::as_asked(&request).or_else(by_router);
    as_asked.map_or(request, |it| *it)
}
