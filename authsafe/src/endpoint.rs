//! The endpoints, and who calls them.

use core::net::IpAddr;

use http::Method;

use crate::error::{
    BackchannelLogoutError, CallbackError, Error, GuardError, LogoutError, RefreshError,
    SessionError, SignInError,
};

/// The endpoints of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    SignIn,
    Callback,
    Logout,
    Refresh,
    Session,
    BackchannelLogout,
    /// RFC 9728.
    ResourceMetadata,
}

impl Endpoint {
    /// The one method that it has.
    pub(crate) fn method(self) -> Method {
        match self {
            Self::SignIn | Self::Callback | Self::Session | Self::ResourceMetadata => Method::GET,
            Self::Logout | Self::Refresh | Self::BackchannelLogout => Method::POST,
        }
    }

    /// How many bytes of a request's body it reads at the most.
    pub(crate) fn body_limit(self) -> usize {
        match self {
            Self::BackchannelLogout => 64 * 1024,
            Self::SignIn
            | Self::Callback
            | Self::Logout
            | Self::Refresh
            | Self::Session
            | Self::ResourceMetadata => 0,
        }
    }

    /// Its word for an app without a configuration.
    pub(crate) fn missing_configuration(self) -> Error {
        match self {
            Self::SignIn => SignInError::MissingConfiguration.into(),
            Self::Callback => CallbackError::MissingConfiguration.into(),
            Self::Logout => LogoutError::MissingConfiguration.into(),
            Self::Refresh => RefreshError::MissingConfiguration.into(),
            Self::Session => SessionError::MissingConfiguration.into(),
            Self::BackchannelLogout => BackchannelLogoutError::MissingConfiguration.into(),
            Self::ResourceMetadata => GuardError::MissingConfiguration.into(),
        }
    }
}

/// The address of the client, as an extension of a request: what `rate_limit(...)` counts by.
///
/// The axum router takes it from `ConnectInfo<SocketAddr>` where the app is served with
/// `into_make_service_with_connect_info`. Behind a proxy, insert it in a middleware of your own,
/// from the header that your proxy, and nobody else, writes. Clients without one share a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);
