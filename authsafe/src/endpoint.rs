//! The endpoints, and who calls them.

use core::net::IpAddr;

use http::{Extensions, Method};
use tracing::Span;
use tracing::field::Empty;

use crate::error::{
    BackchannelLogoutError, CallbackError, Error, GuardError, LogoutError, RefreshError,
    SessionError, SignInError,
};

/// The endpoints of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    SignIn,
    Callback,
    /// The callback where the provider's answer comes in a form.
    FormCallback,
    Logout,
    Refresh,
    Session,
    BackchannelLogout,
    /// Where the provider comes back to after a logout.
    SignedOut,
    /// Where a form is kept that met a sign-in, and shown after it.
    KeptForm,
    /// RFC 9728.
    ResourceMetadata,
}

impl Endpoint {
    /// Its method, or the one that matters of two.
    pub(crate) fn method(self) -> Method {
        match self {
            Self::FormCallback | Self::KeptForm => Method::POST,
            Self::SignIn
            | Self::Callback
            | Self::Session
            | Self::SignedOut
            | Self::ResourceMetadata => Method::GET,
            Self::Logout | Self::Refresh | Self::BackchannelLogout => Method::POST,
        }
    }

    /// Returns whether it has a method: HEAD wherever there is GET (RFC 9110 §9.3.2). An error of a provider
    /// may come in a query, whatever was asked for.
    pub(crate) fn takes(self, method: &Method) -> bool {
        self.allow().split(", ").any(|it| it == method.as_str())
    }

    /// Returns whether a GET of it begins or ends something, which a HEAD does not.
    pub(crate) fn acts(self) -> bool {
        !matches!(self, Self::Session | Self::ResourceMetadata)
    }

    /// The methods that it has, as `Allow` names them (RFC 9110 §10.2.1).
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::FormCallback | Self::KeptForm => "GET, HEAD, POST",
            _ if self.method() == Method::GET => "GET, HEAD",
            _ => "POST",
        }
    }

    /// Returns how many bytes of a request's body it reads at the most.
    pub(crate) fn body_limit(self) -> usize {
        match self {
            Self::BackchannelLogout | Self::FormCallback | Self::KeptForm => 64 * 1024,
            Self::SignIn
            | Self::Callback
            | Self::Logout
            | Self::Refresh
            | Self::Session
            | Self::SignedOut
            | Self::ResourceMetadata => 0,
        }
    }

    /// Makes the span that its work is in: its name is part of the documentation of `routes`, and its field
    /// `status` is set by the answer. It has nothing of the URL, where there may be a code.
    pub(crate) fn span(self) -> Span {
        macro_rules! span {
            ($name:literal) => {
                tracing::info_span!($name, status = Empty)
            };
        }
        match self {
            Self::SignIn => span!("authsafe.sign_in"),
            Self::Callback | Self::FormCallback => span!("authsafe.callback"),
            Self::Logout => span!("authsafe.logout"),
            Self::Refresh => span!("authsafe.refresh"),
            Self::Session => span!("authsafe.session"),
            Self::BackchannelLogout => span!("authsafe.backchannel_logout"),
            Self::SignedOut => span!("authsafe.signed_out"),
            Self::KeptForm => span!("authsafe.kept_form"),
            Self::ResourceMetadata => span!("authsafe.resource_metadata"),
        }
    }

    /// Its word for an app without a configuration.
    pub(crate) fn missing_configuration(self) -> Error {
        match self {
            Self::SignIn | Self::KeptForm => SignInError::MissingConfiguration.into(),
            Self::Callback | Self::FormCallback => CallbackError::MissingConfiguration.into(),
            Self::Logout | Self::SignedOut => LogoutError::MissingConfiguration.into(),
            Self::Refresh => RefreshError::MissingConfiguration.into(),
            Self::Session => SessionError::MissingConfiguration.into(),
            Self::BackchannelLogout => BackchannelLogoutError::MissingConfiguration.into(),
            Self::ResourceMetadata => GuardError::MissingConfiguration.into(),
        }
    }
}

/// The address of the client, as an extension of the request. `rate_limit(...)` counts requests by it.
///
/// - On actix-web there is nothing to do.
/// - On axum, serve the app with `app.into_make_service_with_connect_info::<SocketAddr>()`.
/// - If you serve a tower service in another way, insert `ClientAddr(peer.ip())` into the extensions of each
///   request.
///
/// Behind a proxy, the address of the connection is the proxy's. `trusted_proxies(...)` lists the proxies whose
/// `Forwarded` and `X-Forwarded-For` headers are believed. If your proxy writes the client's address into another
/// header, insert it in a middleware of your own. An inserted address is used instead of the connection's.
///
/// An IPv6 address counts by its network of 64 bits. Requests without an address share one limit, which is a
/// hundred times the rate. The log says what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// Returns the address that a request has, if it has one.
    pub(crate) fn of(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Self>().map(|it| it.0)
    }
}
