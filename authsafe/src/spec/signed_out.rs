//! What a signed-out visitor gets: the way to sign in, or the error.

use core::fmt;
use core::time::Duration;

use http::Method;
use http::request::Parts;

use crate::error::{Error, GuardError};
use crate::page;
use crate::response::{self, Response, no_store};
use crate::types::{Location, ReturnTo};

/// The answer of a guard to a visitor who is not signed in, or whose sign-in is not recent enough.
///
/// It is not the answer to a user who may not enter: that user gets 403.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Unauthenticated {
    /// Sends a person who opens a page to sign in, and back afterwards. A person who sends a form gets 401 and a page;
    /// everything else gets 401 and JSON.
    Auto,
    /// Sends each GET and HEAD to sign in. Other methods get 401 and JSON: after a redirect the browser would
    /// send a GET, and the data of the first request would be lost.
    Redirect,
    /// Answers every request with 401 and JSON.
    Json,
    /// Answers with the response of this function. `Cache-Control: no-store` is added to it.
    With(&'static dyn SignedOutHook),
}

/// A function for `unauthenticated`: `fn(&SignedOut<'_>) -> authsafe::Response`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be `unauthenticated`",
    label = "expected `fn(&authsafe::hooks::SignedOut<'_>) -> authsafe::Response`"
)]
pub trait SignedOutHook: Send + Sync {
    /// Returns the answer to a visitor who is not signed in. `Cache-Control: no-store` is added to it.
    fn answer(&self, visitor: &SignedOut<'_>) -> Response;
}

#[diagnostic::do_not_recommend]
impl<F: Fn(&SignedOut<'_>) -> Response + Send + Sync> SignedOutHook for F {
    fn answer(&self, visitor: &SignedOut<'_>) -> Response {
        self(visitor)
    }
}

impl fmt::Debug for dyn SignedOutHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedOutHook")
    }
}

/// A request of a visitor who is not signed in, for a function that answers in place of the handler.
///
/// The function is the one that `unauthenticated = path::to::function` names.
///
/// ```
/// use authsafe::hooks::SignedOut;
/// use authsafe::Response;
///
/// #[authsafe::routes(unauthenticated = by_htmx)]
/// mod auth {}
///
/// /// htmx follows a header of its own.
/// fn by_htmx(visitor: &SignedOut<'_>) -> Response {
///     let mut response = visitor.auto();
///     if visitor.request().headers.contains_key("hx-request")
///         && let Ok(url) = visitor.sign_in_url().parse()
///     {
///         response.headers_mut().insert("hx-redirect", url);
///     }
///     response
/// }
/// # fn main() {}
/// ```
pub struct SignedOut<'a> {
    error: GuardError,
    request: &'a Parts,
    sign_in: &'a str,
    code: Option<&'static str>,
    return_to: Option<ReturnTo>,
    max_age: Option<Duration>,
}

impl<'a> SignedOut<'a> {
    /// `sign_in`: where it begins; `code`: why, for a page of the app's own. `return_to`: the path as the
    /// browser asked for it. `max_age`: how recent a sign-in the guard asks for.
    pub(crate) fn new(
        error: GuardError,
        request: &'a Parts,
        (sign_in, code): (&'a str, Option<&'static str>),
        return_to: Option<ReturnTo>,
        max_age: Option<Duration>,
    ) -> Self {
        Self {
            error,
            request,
            sign_in,
            code,
            return_to,
            max_age,
        }
    }

    /// Returns the reason: [`GuardError::Unauthenticated`], or [`GuardError::ReauthenticationRequired`] if the
    /// sign-in is not recent enough.
    #[must_use]
    pub fn error(&self) -> GuardError {
        self.error
    }

    /// Returns the request, with the path that the browser asked for.
    #[must_use]
    pub fn request(&self) -> &Parts {
        self.request
    }

    /// Returns the path of this app at which a sign-in starts.
    ///
    /// If the request is a GET, the path has a `returnTo` that leads back to it. If the sign-in has to be a new
    /// one, it has `max_age`. With `pages(sign_in = "...")` it is the path of that page, with the reason in
    /// `code`.
    #[must_use]
    pub fn sign_in_url(&self) -> String {
        self.sign_in().as_str().to_owned()
    }

    fn sign_in(&self) -> Location {
        let return_to = self.return_to.as_ref().filter(|_| self.can_be_repeated());
        let max_age = self.max_age.map(|it| it.as_secs().to_string());
        let mut pairs = Vec::new();
        pairs.extend(return_to.map(|it| ("returnTo", it.as_str())));
        pairs.extend(self.code.map(|it| ("code", it)));
        pairs.extend(max_age.as_ref().map(|it| ("max_age", it.as_str())));
        Location::of_app(self.sign_in).with_query(&pairs)
    }

    /// Returns the answer of [`Unauthenticated::Auto`].
    #[must_use]
    pub fn auto(&self) -> Response {
        self.answer(Unauthenticated::Auto)
            .unwrap_or_else(|| self.json())
    }

    /// Returns the answer of [`Unauthenticated::Redirect`].
    #[must_use]
    pub fn redirect(&self) -> Response {
        self.answer(Unauthenticated::Redirect)
            .unwrap_or_else(|| self.json())
    }

    /// Returns the answer of [`Unauthenticated::Json`].
    #[must_use]
    pub fn json(&self) -> Response {
        Error::from(self.error).response()
    }

    /// Returns what a visitor gets. `None`: the error, as everybody is told errors.
    pub(crate) fn answer(&self, how: Unauthenticated) -> Option<Response> {
        let is_sent_to_sign_in = match how {
            Unauthenticated::Auto => self.is_navigation(),
            Unauthenticated::Redirect => self.can_be_repeated(),
            Unauthenticated::Json => false,
            Unauthenticated::With(own) => {
                let mut response = own.answer(self);
                no_store(response.headers_mut());
                return Some(response);
            }
        };
        is_sent_to_sign_in.then(|| response::see_other(&self.sign_in()))
    }

    /// Returns whether the same happens when a browser comes back here with a GET.
    fn can_be_repeated(&self) -> bool {
        [Method::GET, Method::HEAD].contains(&self.request.method)
    }

    /// Returns whether a person is sending a form.
    pub(crate) fn sends(&self) -> bool {
        !self.request.method.is_safe() && page::is_opened(&self.request.headers)
    }

    /// Returns whether a person is opening a page, and not sending a form.
    fn is_navigation(&self) -> bool {
        self.request.method == Method::GET && page::is_opened(&self.request.headers)
    }
}

/// Nothing of the request: it has cookies.
impl fmt::Debug for SignedOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedOut")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// The answer of one guard, as a type; its routes' choice where it is [`AsRoutes`].
pub trait Answers {
    /// The guard's own choice.
    const HOW: Option<Unauthenticated>;
}

/// The answer of the routes.
#[derive(Debug)]
pub struct AsRoutes;

/// [`Unauthenticated::Auto`] as a type.
#[derive(Debug)]
pub struct Auto;

/// [`Unauthenticated::Redirect`] as a type.
#[derive(Debug)]
pub struct Redirect;

/// [`Unauthenticated::Json`] as a type.
#[derive(Debug)]
pub struct Json;

impl Answers for AsRoutes {
    const HOW: Option<Unauthenticated> = None;
}

impl Answers for Auto {
    const HOW: Option<Unauthenticated> = Some(Unauthenticated::Auto);
}

impl Answers for Redirect {
    const HOW: Option<Unauthenticated> = Some(Unauthenticated::Redirect);
}

impl Answers for Json {
    const HOW: Option<Unauthenticated> = Some(Unauthenticated::Json);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &str, headers: &[(&'static str, &str)], how: Unauthenticated) -> u16 {
        let mut request = http::Request::builder().method(method).uri("/page?a=1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (request, ()) = request.body(()).unwrap().into_parts();
        let return_to = ReturnTo::parse("/page?a=1").ok();
        let error = GuardError::Unauthenticated;
        let visitor = SignedOut::new(error, &request, ("/signin", None), return_to, None);
        let response = visitor.answer(how).unwrap_or_else(|| visitor.json());
        response.status().as_u16()
    }

    #[test]
    fn who_is_sent_to_sign_in() {
        let navigation = [("sec-fetch-mode", "navigate")];
        let fetch = [("sec-fetch-mode", "cors"), ("accept", "text/html")];
        let xhr = [("x-requested-with", "XMLHttpRequest"), navigation[0]];
        let older = [("accept", "text/html")];
        let cases = [
            ("GET", &navigation[..], [303, 303, 401]),
            ("GET", &older, [303, 303, 401]),
            ("GET", &[], [401, 303, 401]),
            ("GET", &fetch, [401, 303, 401]),
            ("GET", &xhr, [401, 303, 401]),
            ("HEAD", &navigation, [401, 303, 401]),
            ("POST", &navigation, [401, 401, 401]),
            ("BREW", &navigation, [401, 401, 401]),
        ];
        for (method, headers, [auto, redirect, json]) in cases {
            let status = |how| status(method, headers, how);
            let found = [
                status(Unauthenticated::Auto),
                status(Unauthenticated::Redirect),
                status(Unauthenticated::Json),
            ];
            assert_eq!(found, [auto, redirect, json], "{method} {headers:?}");
        }
    }

    #[test]
    fn only_what_can_be_repeated_is_come_back_to() {
        let url = |method| {
            let request = http::Request::builder().method(method).uri("/page?a=1");
            let (request, ()) = request.body(()).unwrap().into_parts();
            let return_to = ReturnTo::parse("/page?a=1").ok();
            let error = GuardError::ReauthenticationRequired;
            let max_age = Some(Duration::from_secs(60));
            SignedOut::new(error, &request, ("/signin", None), return_to, max_age).sign_in_url()
        };
        assert_eq!(url("GET"), "/signin?returnTo=%2Fpage%3Fa%3D1&max_age=60");
        assert_eq!(url("POST"), "/signin?max_age=60");
    }

    #[test]
    fn debug_shows_no_cookie() {
        let request = http::Request::builder().header("cookie", "authsafe=s3cr3t");
        let (request, ()) = request.body(()).unwrap().into_parts();
        let visitor = SignedOut::new(
            GuardError::Unauthenticated,
            &request,
            ("/", None),
            None,
            None,
        );
        assert_eq!(
            format!("{visitor:?}"),
            "SignedOut { error: Unauthenticated, .. }"
        );
    }
}
