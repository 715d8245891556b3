//! Where somebody goes who has to sign in first: to the provider, or to a page of the app's own.

use http::header::HeaderValue;
use http::request::Parts;
use http::uri::PathAndQuery;

use crate::auth::Auth;
use crate::error::{CallbackError, Error, GuardError};
use crate::flow;

/// The way to a sign-in.
pub(super) struct WayIn<'a> {
    /// Where it begins.
    pub(super) path: &'a str,
    /// What a page of the app's own is told.
    pub(super) code: Option<&'static str>,
    /// Whoever took it would be back here at once: they are shown a page.
    pub(super) goes_round: bool,
    /// Whoever has just cancelled a sign-in for this page: what removes the cookie that says so.
    pub(super) cancelled: Option<HeaderValue>,
}

impl<'a> WayIn<'a> {
    pub(super) fn of(
        auth: &'a Auth,
        request: &Parts,
        asked_for: Option<&PathAndQuery>,
        error: GuardError,
    ) -> Self {
        let pages = auth.pages();
        let app = auth.app();
        let cancelled = app
            .zip(asked_for)
            .and_then(|(app, page)| flow::comes_back(app, &request.headers, page.as_str()));
        let expired = pages.expired.filter(|_| {
            let ids = app.map(|app| app.sessions.ids(&request.headers));
            error == GuardError::Unauthenticated && ids.is_some_and(|ids| !ids.is_empty())
        });
        // Whoever is signed in knows the way; what that page links to may not ask for a new sign-in.
        let sign_in = pages
            .sign_in
            .filter(|_| error == GuardError::Unauthenticated);
        let own = expired.filter(|_| cancelled.is_none()).or(sign_in);
        let code = match cancelled {
            Some(_) => Error::from(CallbackError::AccessDenied).code(),
            None => Error::from(error).code(),
        };
        Self {
            path: own.unwrap_or(auth.sign_in_path()),
            code: own.map(|_| code),
            goes_round: asked_for.is_some_and(|page| pages.have(page.path()))
                || (cancelled.is_some() && own.is_none()),
            cancelled,
        }
    }
}
