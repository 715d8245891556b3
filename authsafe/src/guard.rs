//! Guards: who gets to a handler, and what everybody else is told.

use core::marker::PhantomData;
use std::sync::OnceLock;

use http::header::{ACCEPT, HeaderValue};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, Method};
use url::form_urlencoded::byte_serialize;

use crate::auth::Auth;
use crate::error::GuardError;
use crate::policy::{Policy, Require};
use crate::response::{self, Response};
use crate::session::Session;
use crate::types::ReturnTo;

/// Lets a request through to the handler only where the policy `P` allows it.
///
/// `#[require_scope("...")]` puts it in front of a handler's arguments.
#[derive(Debug)]
pub struct Guard<P>(PhantomData<P>);

/// What the session layer gives each request.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    auth: Auth,
    /// The path as the browser asked for it, before routers cut it.
    asked_for: Option<PathAndQuery>,
    session: OnceLock<Option<Session>>,
}

impl RequestContext {
    pub(crate) fn new(auth: Auth, request: &http::Uri) -> Self {
        Self {
            auth,
            asked_for: request.path_and_query().cloned(),
            session: OnceLock::new(),
        }
    }

    /// The context of a request, or the refusal of one that the layer has not seen.
    fn of(extensions: &Extensions) -> Result<&Self, Response> {
        extensions.get().ok_or_else(|| {
            tracing::error!(
                "no session layer around this handler: add `.layer(auth.layer())` to the router"
            );
            crate::Error::from(GuardError::LayerMissing).response()
        })
    }

    fn session(&self, request: &Parts) -> Option<&Session> {
        self.session
            .get_or_init(|| self.auth.session(&request.headers))
            .as_ref()
    }
}

impl<P: Require> Guard<P> {
    /// Opens the session and asks the policy.
    #[cfg_attr(not(feature = "axum"), expect(dead_code, reason = "adapters call it"))]
    pub(crate) fn admit(request: &Parts) -> Result<Self, Response> {
        admit(request, &P::POLICY).map(|_| Self(PhantomData))
    }
}

/// The session of a request that the policy allows; what to answer where it does not.
pub(crate) fn admit(request: &Parts, policy: &Policy) -> Result<Session, Response> {
    let context = RequestContext::of(&request.extensions)?;
    let Some(session) = context.session(request) else {
        return Err(refuse_signed_out(context, request));
    };
    if policy.allows(session) {
        Ok(session.clone())
    } else {
        Err(context.auth.refuse(GuardError::Forbidden.into(), request))
    }
}

/// The session of a request, if there is one.
pub(crate) fn visitor(request: &Parts) -> Result<Option<Session>, Response> {
    RequestContext::of(&request.extensions).map(|context| context.session(request).cloned())
}

/// A person who opens a page is sent to sign in and comes back; everything else is told 401.
fn refuse_signed_out(context: &RequestContext, request: &Parts) -> Response {
    let auth = &context.auth;
    if !auth.is_configured() || !is_navigation(request) {
        return auth.refuse(GuardError::from(auth).into(), request);
    }
    let asked_for = context.asked_for.as_ref().map(PathAndQuery::as_str);
    match asked_for.and_then(|path| ReturnTo::parse(path).ok()) {
        Some(path) => {
            let path: String = byte_serialize(path.as_str().as_bytes()).collect();
            response::see_other(&format!("{}?returnTo={path}", auth.sign_in_path()))
        }
        None => response::see_other(auth.sign_in_path()),
    }
}

/// Is a person opening a page? By `Sec-Fetch-Mode` (W3C Fetch Metadata §2.3) where the browser
/// sends it, else by `Accept`.
fn is_navigation(request: &Parts) -> bool {
    if request.method != Method::GET {
        return false;
    }
    let header = |name| request.headers.get(name).map(HeaderValue::as_bytes);
    if header("x-requested-with").is_some() {
        return false;
    }
    match header("sec-fetch-mode") {
        Some(mode) => mode == b"navigate",
        None => header(ACCEPT.as_str())
            .is_some_and(|accept| accept.windows(9).any(|window| window == b"text/html")),
    }
}
