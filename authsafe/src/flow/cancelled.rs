//! A sign-in that was cancelled at the provider: back to the page that it was for, and not to the
//! provider once more where that page asks for a sign-in.

use http::header::{HeaderMap, HeaderValue};

use super::app::App;
use crate::error::Error;
use crate::types::{Location, ReturnTo};

/// An endpoint's refusal.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// Where a person is led back to instead of being told.
    pub(crate) back: Option<Location>,
}

impl Refused {
    /// A refusal that a person is told.
    pub(crate) fn by(error: impl Into<Error>) -> Self {
        let error = error.into();
        Self { error, back: None }
    }
}

/// Returns where whoever cancelled goes: to the page that the sign-in was for, else to the one that comes
/// after a logout. That page is told by a cookie. `None`: they were led back there a moment ago, and it has
/// sent them to the provider once more, so they would go round.
pub(super) fn back(
    app: &App,
    request: &HeaderMap,
    return_to: Option<ReturnTo>,
    cookies: &mut Vec<HeaderValue>,
) -> Option<Location> {
    let after_logout = || Location::of_app(app.spec.after_logout);
    let page = return_to.map_or_else(after_logout, Location::from);
    let its_path = path_of(page.as_str());
    if app.config.cookies.is_cancelled(request, its_path) {
        return None;
    }
    cookies.extend(app.config.cookies.set_cancelled(its_path));
    Some(page)
}

/// Returns whether somebody comes back to this page from a sign-in that they cancelled: then, what removes
/// the cookie that says so.
pub(crate) fn comes_back(app: &App, headers: &HeaderMap, page: &str) -> Option<HeaderValue> {
    let cookies = &app.config.cookies;
    let is_told = cookies.is_cancelled(headers, path_of(page));
    is_told.then(|| cookies.clear_cancelled())?
}

/// Browsers keep the fragment to themselves.
fn path_of(page: &str) -> &str {
    page.split('#').next().unwrap_or_default()
}
