//! One HTTP client: timeouts, a cap on bodies, no redirects.

use core::time::Duration;

use serde::de::DeserializeOwned;
use url::Url;

use crate::clock::{self, Clock, UnixSeconds};
use crate::error::ProviderError;
use crate::types::Token;

/// The longest time that the provider may have anybody wait, in seconds: an hour.
const MAX_RETRY_AFTER: u64 = 3600;
/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// The client that all calls to the provider go through.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    pub(super) client: reqwest::Client,
    /// The longest time of a call, from the connection to the end of the answer.
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
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
    pub(crate) fn new(
        ca_file: Option<&str>,
        timeout: Duration,
        clock: Clock,
    ) -> Result<Self, HttpStartError> {
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
        Ok(Self {
            client,
            timeout,
            clock,
        })
    }

    /// The same client, for calls that may take this long.
    pub(crate) fn within(&self, timeout: Duration) -> Self {
        Self {
            client: self.client.clone(),
            timeout,
            clock: self.clock.clone(),
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
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
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
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        self.execute(Self::form(url, pairs, authorization)).await
    }

    /// Returns the request that posts a form.
    pub(super) fn form<'a>(
        url: &Url,
        pairs: impl Iterator<Item = &'a (&'a str, &'a str)>,
        authorization: Option<http::HeaderValue>,
    ) -> reqwest::Request {
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
        request
    }

    /// Sends a request and reads the answer. A provider that cannot answer now (429, 5xx) and an answer
    /// that never came are told apart here, once for every call.
    async fn execute(
        &self,
        mut request: reqwest::Request,
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        *request.timeout_mut() = Some(self.timeout);
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| kind(&error))?;
        match response.status() {
            http::StatusCode::TOO_MANY_REQUESTS => {
                let retry_after = retry_after(response.headers(), self.clock.now());
                return Err(ProviderError::RateLimited { retry_after });
            }
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
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = core::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Reads when to ask again, in seconds: a number of them, or a date (RFC 9110 §10.2.3).
pub(super) fn retry_after(headers: &http::HeaderMap, now: UnixSeconds) -> Option<u64> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = match is_number {
        true => text.parse().unwrap_or(u64::MAX),
        false => clock::read_http_date(text)?.saturating_sub(now),
    };
    Some(seconds.min(MAX_RETRY_AFTER))
}

/// Reads an answer as a document.
pub(super) fn fetched<T: DeserializeOwned>(response: &http::Response<Vec<u8>>) -> Fetched<T> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_ask_again_is_a_number_or_a_date_and_an_hour_at_the_most() {
        let now = 1_800_000_000;
        for (said, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("86400", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Fri, 15 Jan 2027 08:01:30 GMT", Some(90)),
            ("Fri, 15 Jan 2027 07:00:00 GMT", Some(0)),
            ("Sat, 15 Jan 2028 08:00:00 GMT", Some(3600)),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            let said_so = (http::header::RETRY_AFTER, said.parse().unwrap());
            let headers = [said_so].into_iter().collect();
            assert_eq!(retry_after(&headers, now), seconds, "{said}");
        }
        assert_eq!(retry_after(&http::HeaderMap::new(), now), None);
    }

    #[tokio::test]
    async fn a_provider_that_is_asked_too_often_says_when_to_ask_again() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answer = async || {
            let headers = [(http::header::RETRY_AFTER, "7")];
            (http::StatusCode::TOO_MANY_REQUESTS, headers)
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let clock = Clock::at(1_800_000_000);
        let http = Http::new(None, Duration::from_secs(5), clock).unwrap();
        let refused = http.get_json::<serde_json::Value>(&url).await.err();
        let retry_after = Some(7);
        assert_eq!(refused, Some(ProviderError::RateLimited { retry_after }));
    }
}
