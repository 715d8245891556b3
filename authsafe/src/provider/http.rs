//! One HTTP client: timeouts, a cap on bodies, no redirects.

use core::error::Error as _;
use core::time::Duration;

use serde::de::DeserializeOwned;
use url::Url;

use crate::clock::{self, Clock, UnixSeconds};
use crate::error::{CallbackError, Error, ProviderError};
use crate::log;
use crate::log::metrics::Timer;
use crate::protocol::refusal::{Refusal, Unreadable};
use crate::types::Token;

/// The longest time that the provider may have anybody wait, in seconds: an hour.
const MAX_RETRY_AFTER: u64 = 3600;
/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// The most characters of a failed call's cause in a log line.
const MAX_CAUSE: usize = 300;
/// How long is waited for the words of a provider that cannot answer now.
const AT_ONCE: Duration = Duration::from_millis(200);

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
    Garbled(Unreadable),
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

    /// Gets a JSON document of an endpoint, which metrics name so.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        endpoint: &'static str,
        url: &str,
    ) -> Result<Fetched<T>, ProviderError> {
        let url = Url::parse(url).map_err(|_| ProviderError::BadAnswer)?;
        let request = reqwest::Request::new(reqwest::Method::GET, url);
        Ok(fetched(&self.execute(endpoint, request).await?))
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
        self.execute("userinfo", request).await
    }

    /// Posts a form, with a header that says whose it is where the form does not.
    pub(super) async fn post<'a>(
        &self,
        endpoint: &'static str,
        url: &Url,
        pairs: impl Iterator<Item = &'a (&'a str, &'a str)>,
        authorization: Option<http::HeaderValue>,
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        let request = Self::form(url, pairs, authorization);
        self.execute(endpoint, request).await
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

    /// Sends a request and reads the answer; measures how long that takes.
    async fn execute(
        &self,
        endpoint: &'static str,
        request: reqwest::Request,
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        let timer = Timer::start();
        let answer = self.call(request).await;
        let outcome = match &answer {
            Ok(_) => "answered",
            Err(error) => Error::from(CallbackError::from(*error)).code(),
        };
        timer.end_provider_call(endpoint, outcome);
        answer
    }

    /// Sends a request and reads the answer. A provider that cannot answer now (429, 5xx) and an answer
    /// that never came are told apart here, once for every call.
    async fn call(
        &self,
        mut request: reqwest::Request,
    ) -> Result<http::Response<Vec<u8>>, ProviderError> {
        *request.timeout_mut() = Some(self.timeout);
        let call = Call::of(&request);
        let executed = self.client.execute(request).await;
        let mut response = executed.map_err(|error| call.failed(&error))?;
        let failure = match response.status().as_u16() {
            429 => Some(ProviderError::RateLimited {
                retry_after: retry_after(response.headers(), self.clock.now()),
            }),
            // What is before the provider says so where that does not answer; 520 to 530 are Cloudflare's.
            502 | 503 | 520..=530 => Some(ProviderError::Unavailable),
            504 => Some(ProviderError::Timeout),
            500..=599 => Some(ProviderError::BadAnswer),
            _ => None,
        };
        if let Some(failure) = failure {
            call.refused(response).await;
            return Err(failure);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| call.failed(&error))?
        {
            if body.len() + chunk.len() > MAX_BODY {
                log::warn!(
                    url = call.url.as_str(),
                    "the provider's answer is too long: 1 MB is read"
                );
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

/// A call, for the log of its failure.
struct Call {
    url: Url,
    form: Vec<u8>,
    /// What the `Authorization` header shows: a token, or an id and a secret.
    credentials: Option<String>,
}

impl Call {
    fn of(request: &reqwest::Request) -> Self {
        let mut url = request.url().clone();
        url.set_query(None);
        let form = request.body().and_then(reqwest::Body::as_bytes);
        let form = form.unwrap_or_default().to_vec();
        let header = request.headers().get(http::header::AUTHORIZATION);
        let header = header.and_then(|it| it.to_str().ok()?.split_once(' '));
        Self {
            url,
            form,
            credentials: header.map(|(_, shown)| shown.to_owned()),
        }
    }

    /// Says why there is no answer.
    fn failed(&self, error: &reqwest::Error) -> ProviderError {
        log::warn!(
            cause = cause(error),
            url = self.url.as_str(),
            "the provider did not answer"
        );
        kind(error)
    }

    /// Says what a provider that cannot answer now says of it, as far as that comes at once.
    async fn refused(&self, mut response: reqwest::Response) {
        let words = tokio::time::timeout(AT_ONCE, response.chunk()).await;
        let words = words
            .ok()
            .and_then(Result::ok)
            .flatten()
            .unwrap_or_default();
        let refusal = self.told(response.status(), response.headers(), &words);
        log::warn!(answer = %refusal, url = self.url.as_str(), "the provider cannot answer now");
    }

    /// Reads a refusal, without the secrets that were sent.
    fn told(&self, status: http::StatusCode, headers: &http::HeaderMap, body: &[u8]) -> Refusal {
        let shown = self.credentials.as_deref().unwrap_or_default();
        // Basic has them in base64 (RFC 7617 §2).
        let pair = base64_simd::STANDARD.decode_to_vec(shown).ok();
        let pair = pair.and_then(|it| String::from_utf8(it).ok());
        let secret = pair.as_deref().and_then(|it| it.split_once(':'));
        let secret = secret.map_or("", |(_, secret)| secret);
        let sent: Vec<_> = url::form_urlencoded::parse(&self.form).collect();
        let sent = sent.iter().map(|(name, it)| (&**name, &**it));
        let sent = sent.chain([("credentials", shown), ("client_secret", secret)]);
        Refusal::read(status, headers, body, &sent.collect::<Vec<_>>())
    }
}

/// Returns the errors behind an error, which itself says no more than that the request failed.
pub(super) fn causes(
    error: &reqwest::Error,
) -> impl Iterator<Item = &(dyn core::error::Error + 'static)> {
    core::iter::successors(error.source(), |cause| (**cause).source())
}

/// Returns what lies under an error: refused, no such host, a certificate, a time-out.
fn cause(error: &reqwest::Error) -> String {
    let hint = is_no_tls(error).then(|| "not TLS: write `http://`".to_owned());
    let told: Vec<_> = hint
        .into_iter()
        .chain(causes(error).map(ToString::to_string))
        .collect();
    let is_printable = |c: &char| !c.is_control();
    let told = told.join(": ");
    told.chars().filter(is_printable).take(MAX_CAUSE).collect()
}

/// Returns whether whoever listens there speaks another protocol than TLS, such as plain HTTP.
fn is_no_tls(error: &reqwest::Error) -> bool {
    let is_https = error.url().is_some_and(|url| url.scheme() == "https");
    // What rustls says of a record that is none (RFC 8446 §5.1); its own type is not ours to name.
    is_https && causes(error).any(|cause| cause.to_string().contains("InvalidContentType"))
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
            let read = serde_json::from_slice(response.body());
            read.map_or_else(
                |_| Fetched::Garbled(Unreadable::of(response)),
                Fetched::Document,
            )
        }
        http::StatusCode::NOT_FOUND => Fetched::Nothing,
        status => Fetched::Refused(status),
    }
}

fn kind(error: &reqwest::Error) -> ProviderError {
    if error.is_timeout() {
        ProviderError::Timeout
    } else if error.is_connect() || error.is_request() || error.is_decode() {
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

    #[test]
    fn what_a_call_sent_is_not_told_in_the_words_of_its_failure() {
        let pair = base64_simd::STANDARD.encode_to_string("app:s3cret-basic");
        for (header, body) in [
            ("Bearer s3cret-token".to_owned(), "s3cret-token"),
            (format!("Basic {pair}"), &*pair),
            (format!("Basic {pair}"), "s3cret-basic"),
            ("Basic".to_owned(), "s3cret-form"),
        ] {
            let url = Url::parse("https://id.example/token?query=s3cret").unwrap();
            let form = [("client_secret", "s3cret-form")];
            let header = http::HeaderValue::try_from(header).unwrap();
            let request = Http::form(&url, form.iter(), Some(header));
            let said = serde_json::json!({"error": "busy", "error_description": body}).to_string();
            let (status, none) = (http::StatusCode::BAD_GATEWAY, http::HeaderMap::new());
            let call = Call::of(&request);
            let told = call.told(status, &none, said.as_bytes()).to_string();
            assert_eq!(told, "502 `busy`: ...", "{body}");
            assert!(!call.url.as_str().contains("s3cret"));
        }
    }

    #[tokio::test]
    async fn the_cause_of_a_failed_call_is_told() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = listener.local_addr().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = free.local_addr().unwrap();
        drop(free);
        let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let no_tls = plain.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(plain, axum::Router::new()).await });
        let clock = Clock::at(1_800_000_000);
        let http = Http::new(None, Duration::from_millis(500), clock).unwrap();
        for (url, told, error) in [
            (
                format!("http://{nobody}/"),
                "refused",
                ProviderError::Unavailable,
            ),
            (
                format!("http://{silent}/"),
                "timed out",
                ProviderError::Timeout,
            ),
            (
                format!("https://{no_tls}/"),
                "not TLS: write `http://`",
                ProviderError::Unavailable,
            ),
            (
                "http://nobody.invalid/".to_owned(),
                "dns",
                ProviderError::Unavailable,
            ),
        ] {
            let url = Url::parse(&url).unwrap();
            let mut request = reqwest::Request::new(reqwest::Method::GET, url);
            *request.timeout_mut() = Some(Duration::from_millis(500));
            let failed = http.client.execute(request).await.unwrap_err();
            let cause = cause(&failed);
            assert!(
                cause.contains(told) && !cause.contains("secret"),
                "{told}: {cause}"
            );
            assert_eq!(kind(&failed), error, "{told}");
        }
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
        let refused = http
            .get_json::<serde_json::Value>("discovery", &url)
            .await
            .err();
        let retry_after = Some(7);
        assert_eq!(refused, Some(ProviderError::RateLimited { retry_after }));
    }

    #[tokio::test]
    async fn a_token_is_sent_in_the_header_alone() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/userinfo", listener.local_addr().unwrap());
        let echo = async |request: axum::extract::Request| {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1024).await.unwrap();
            let header = &parts.headers[http::header::AUTHORIZATION];
            format!("{} {} {header:?} {body:?}", parts.method, parts.uri)
        };
        let routes = axum::Router::new().fallback(echo);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let clock = Clock::at(1_800_000_000);
        let http = Http::new(None, Duration::from_secs(5), clock).unwrap();
        let url = Url::parse(&url).unwrap();
        let token = Token::new("at-1");
        let answer = http.get_with_token(&url, &token).await.unwrap();
        let seen = String::from_utf8(answer.into_body()).unwrap();
        assert_eq!(seen, r#"GET /userinfo "Bearer at-1" b"""#);
    }
}
