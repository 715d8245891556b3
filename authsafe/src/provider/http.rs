//! One HTTP client: timeouts, a cap on bodies, no redirects.

use core::time::Duration;

use oauth2::HttpResponse;
use serde::de::DeserializeOwned;
use url::Url;

use crate::error::ProviderError;
use crate::types::Token;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// The client that all calls to the provider go through.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    /// The longest time of a call, from the connection to the end of the answer.
    timeout: Duration,
}

/// The reason that no client could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpStartError {
    #[error("cannot be read: {0}")]
    CaFile(#[from] std::io::Error),
    #[error("holds no certificate in PEM form")]
    Certificate,
    #[error("gave no working TLS client")]
    Client,
}

/// The answer to a request for a document.
pub(crate) enum Fetched<T> {
    Document(T),
    Nothing,
    /// An answer that is not the document.
    Garbled,
    /// An answer with a status that says that it is not.
    Refused(http::StatusCode),
}

impl Http {
    pub(crate) fn new(ca_file: Option<&str>, timeout: Duration) -> Result<Self, HttpStartError> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("authsafe-rust/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = ca_file {
            let pem = std::fs::read(path)?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|_| HttpStartError::Certificate)?;
            if certificates.is_empty() {
                return Err(HttpStartError::Certificate);
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|_| HttpStartError::Client)?;
        Ok(Self { client, timeout })
    }

    /// The same client, for calls that may take this long.
    pub(crate) fn within(&self, timeout: Duration) -> Self {
        Self {
            client: self.client.clone(),
            timeout,
        }
    }

    /// Gets a JSON document.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &str,
    ) -> Result<Fetched<T>, ProviderError> {
        let url = Url::parse(url).map_err(|_| ProviderError::BadAnswer)?;
        let request = reqwest::Request::new(reqwest::Method::GET, url);
        Ok(fetched(&self.execute(request).await?))
    }

    /// Gets what an access token opens (RFC 6750 §2.1).
    pub(crate) async fn get_with_token(
        &self,
        url: &Url,
        token: &Token,
    ) -> Result<HttpResponse, ProviderError> {
        let bearer = http::HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
        let mut bearer = bearer.map_err(|_| ProviderError::BadAnswer)?;
        bearer.set_sensitive(true);
        let mut request = reqwest::Request::new(reqwest::Method::GET, url.clone());
        let headers = request.headers_mut();
        headers.insert(http::header::AUTHORIZATION, bearer);
        let accepted = http::HeaderValue::from_static("application/json, application/jwt");
        headers.insert(http::header::ACCEPT, accepted);
        self.execute(request).await
    }

    /// Posts a form, with a header that says whose it is where the form does not.
    pub(super) async fn post<'a>(
        &self,
        url: &Url,
        pairs: impl Iterator<Item = &'a (&'a str, &'a str)>,
        authorization: Option<http::HeaderValue>,
    ) -> Result<HttpResponse, ProviderError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let mut request = reqwest::Request::new(reqwest::Method::POST, url.clone());
        let headers = request.headers_mut();
        headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let accepted = http::HeaderValue::from_static("application/json");
        headers.insert(http::header::ACCEPT, accepted);
        if let Some(authorization) = authorization {
            headers.insert(http::header::AUTHORIZATION, authorization);
        }
        *request.body_mut() = Some(body.into());
        self.execute(request).await
    }

    /// Sends a request and reads the answer. A provider that cannot answer now (429, 5xx) and an answer
    /// that never came are told apart here, once for every call.
    async fn execute(&self, mut request: reqwest::Request) -> Result<HttpResponse, ProviderError> {
        *request.timeout_mut() = Some(self.timeout);
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| kind(&error))?;
        match response.status() {
            http::StatusCode::TOO_MANY_REQUESTS => return Err(ProviderError::RateLimited),
            http::StatusCode::SERVICE_UNAVAILABLE => return Err(ProviderError::Unavailable),
            http::StatusCode::GATEWAY_TIMEOUT => return Err(ProviderError::Timeout),
            status if status.is_server_error() => return Err(ProviderError::BadAnswer),
            _ => {}
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| kind(&error))? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(ProviderError::BadAnswer);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = HttpResponse::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = core::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Reads an answer as a document.
pub(super) fn fetched<T: DeserializeOwned>(response: &HttpResponse) -> Fetched<T> {
    match response.status() {
        http::StatusCode::OK => {
            serde_json::from_slice(response.body()).map_or(Fetched::Garbled, Fetched::Document)
        }
        http::StatusCode::NOT_FOUND => Fetched::Nothing,
        status => Fetched::Refused(status),
    }
}

fn kind(error: &reqwest::Error) -> ProviderError {
    if error.is_timeout() {
        ProviderError::Timeout
    } else if error.is_connect() || error.is_request() {
        ProviderError::Unavailable
    } else {
        ProviderError::BadAnswer
    }
}
