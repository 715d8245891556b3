//! What an endpoint answers, whatever that is, or why it does not: for `authsafe doctor`.

use core::time::Duration;
use std::io;

use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use url::Url;

use super::http::{Http, causes, retry_after};
use super::provider::Provider;
use crate::protocol::client_auth::{Credentials, Verdict};
use crate::protocol::refusal::media_type;

/// The largest body that is read, in bytes. What is longer is cut.
const MAX_BODY: usize = 512 * 1024;
/// How long a provider that is asked too much is left alone, where it does not say.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest that it is waited for.
const MAX_PAUSE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn media_type(&self) -> &str {
        media_type(&self.headers)
    }

    /// Returns where a redirect leads, seen from the URL that was asked.
    pub(crate) fn location(&self, from: &Url) -> Option<Url> {
        let is_redirect = self.status.is_redirection();
        from.join(self.header(LOCATION).filter(|_| is_redirect)?)
            .ok()
    }

    /// Returns the body as text; what is no UTF-8 in it is replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns what it says of the credentials that it was asked with.
    pub(crate) fn verdict(&self) -> Verdict {
        let mut answer = http::Response::new(self.body.clone());
        *answer.status_mut() = self.status;
        Verdict::of(&answer)
    }

    fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[cfg(test)]
impl Answer {
    /// An answer with these headers.
    pub(crate) fn new(status: u16, headers: &[(http::HeaderName, &str)], body: &str) -> Self {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.parse().unwrap()));
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.collect(),
            body: body.into(),
        }
    }
}

/// The reason that there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("nobody listens there (connection refused)")]
    Refused,
    #[error("there is no such host: its name cannot be looked up")]
    NoHost,
    #[error("there is no secure connection: {0}")]
    Tls(String),
    #[error("no answer came within {} seconds", .0.as_secs())]
    Timeout(Duration),
    #[error("the call failed: {0}")]
    Other(String),
}

impl Provider {
    /// Gets what is at a URL. Follows no redirect.
    pub(crate) async fn probe(&self, url: &Url) -> Result<Answer, NoAnswer> {
        let request = reqwest::Request::new(reqwest::Method::GET, url.clone());
        self.http.probe(request).await
    }

    /// Posts a form as a client that says in this way who it is.
    pub(crate) async fn probe_as(
        &self,
        credentials: Credentials<'_>,
        url: &Url,
        pairs: &[(&str, &str)],
    ) -> Result<Answer, NoAnswer> {
        let pairs = pairs.iter().chain(&credentials.parameters);
        let request = Http::form(url, pairs, credentials.header);
        self.http.probe(request).await
    }
}

impl Http {
    /// Sends a request; where the provider is asked too much, once more.
    async fn probe(&self, request: reqwest::Request) -> Result<Answer, NoAnswer> {
        let again = request.try_clone();
        let answer = self.probe_once(request).await?;
        match again {
            Some(again) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                let seconds = retry_after(&answer.headers, self.clock.now());
                let pause = seconds.map_or(PAUSE, Duration::from_secs);
                tokio::time::sleep(pause.min(MAX_PAUSE)).await;
                self.probe_once(again).await
            }
            _ => Ok(answer),
        }
    }

    async fn probe_once(&self, mut request: reqwest::Request) -> Result<Answer, NoAnswer> {
        *request.timeout_mut() = Some(self.timeout);
        let cause = |error: reqwest::Error| cause(&error, self.timeout);
        let mut response = self.client.execute(request).await.map_err(cause)?;
        let mut body = Vec::new();
        while body.len() < MAX_BODY
            && let Some(chunk) = response.chunk().await.map_err(cause)?
        {
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: response.status(),
            headers: core::mem::take(response.headers_mut()),
            body,
        })
    }
}

/// Returns what is behind an error, which itself says no more than that the request failed.
fn cause(error: &reqwest::Error, timeout: Duration) -> NoAnswer {
    if error.is_timeout() {
        return NoAnswer::Timeout(timeout);
    }
    let is_name = causes(error).any(|cause| cause.to_string().contains("dns error"));
    let last = causes(error).last().unwrap_or(error);
    let io = last.downcast_ref::<io::Error>();
    let is_https = error.url().is_some_and(|url| url.scheme() == "https");
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => NoAnswer::Refused,
        _ if is_name => NoAnswer::NoHost,
        // The system has connected, so what failed came after it.
        _ if is_https && error.is_connect() && io.and_then(io::Error::raw_os_error).is_none() => {
            NoAnswer::Tls(last.to_string())
        }
        _ => NoAnswer::Other(last.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use http::header::CONTENT_TYPE;
    use http::header::RETRY_AFTER;

    async fn ask(url: &str) -> Result<Answer, NoAnswer> {
        let http = Http::new(None, Duration::from_millis(400), Clock::default()).unwrap();
        let url = Url::parse(url).unwrap();
        let request = reqwest::Request::new(reqwest::Method::GET, url);
        http.probe(request).await
    }

    async fn listener() -> (tokio::net::TcpListener, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        (listener, authority)
    }

    #[tokio::test]
    async fn each_reason_that_no_answer_comes_is_told_apart() {
        let (closed, authority) = listener().await;
        drop(closed);
        let refused = ask(&format!("http://{authority}/")).await.unwrap_err();
        assert_eq!(refused, NoAnswer::Refused);

        let (silent, authority) = listener().await;
        let late = ask(&format!("http://{authority}/")).await.unwrap_err();
        assert!(matches!(late, NoAnswer::Timeout(_)), "{late:?}");
        drop(silent);

        let nowhere = ask("http://nowhere.invalid/").await.unwrap_err();
        assert_eq!(nowhere, NoAnswer::NoHost);

        let (plain, authority) = listener().await;
        let routes = axum::Router::new().fallback(async || "plain");
        tokio::spawn(async move { axum::serve(plain, routes).await });
        let secure = ask(&format!("https://{authority}/")).await.unwrap_err();
        assert!(matches!(secure, NoAnswer::Tls(_)), "{secure:?}");
    }

    #[tokio::test]
    async fn one_that_is_asked_too_much_is_asked_once_more_when_it_says() {
        let (socket, authority) = listener().await;
        let asked = std::sync::Arc::new(core::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&asked);
        let answer = async move || {
            count.fetch_add(1, core::sync::atomic::Ordering::SeqCst);
            (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")], "later")
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(socket, routes).await });
        let answer = ask(&format!("http://{authority}/")).await.unwrap();
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(asked.load(core::sync::atomic::Ordering::SeqCst), 2);
    }

    #[test]
    fn a_redirect_leads_somewhere_and_nothing_else_does() {
        let from = Url::parse("https://id.example/a/b").unwrap();
        let of = |status, to| Answer::new(status, &[(LOCATION, to)], "").location(&from);
        assert_eq!(of(302, "../c").unwrap().as_str(), "https://id.example/c");
        assert_eq!(
            of(303, "//x.example/").unwrap().as_str(),
            "https://x.example/"
        );
        assert_eq!(of(200, "/c"), None);
        let typed = Answer::new(200, &[(CONTENT_TYPE, "text/html; charset=utf-8")], "");
        assert_eq!(typed.media_type(), "text/html");
    }
}
