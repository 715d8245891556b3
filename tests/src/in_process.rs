//! A browser in front of an app of this process: for the examples of the guide, which show how an app signs somebody in.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use url::Url;

/// A person who knows an app of this process at its origin, and a provider on a socket.
pub struct Person {
    app: Router,
    origin: Url,
    user: &'static str,
    cookies: BTreeMap<String, String>,
    provider: reqwest::Client,
}

impl Person {
    /// Somebody whom the provider knows by this id.
    pub fn new(user: &'static str, app: Router, origin: &str) -> Self {
        let provider = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            app,
            origin: origin.parse().unwrap(),
            user,
            cookies: BTreeMap::new(),
            provider: provider.build().unwrap(),
        }
    }

    /// Opens a page of the app, goes wherever that leads, signs in where a provider asks, and reads what is there.
    pub async fn open(&mut self, path: &str) -> (StatusCode, String) {
        let mut url = self.origin.join(path).unwrap();
        for _ in 0..10 {
            let (status, headers, body) = match url.origin() == self.origin.origin() {
                true => self.ask_app(&url).await,
                false => self.ask_provider(url.clone()).await,
            };
            match headers.get(header::LOCATION) {
                Some(to) => url = url.join(to.to_str().unwrap()).unwrap(),
                None => return (status, body),
            }
        }
        panic!("round and round, at {url}");
    }

    async fn ask_app(&mut self, url: &Url) -> (StatusCode, HeaderMap, String) {
        let target = &url[url::Position::BeforePath..];
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let request = Request::get(target)
            .header(header::HOST, url.authority())
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-mode", "navigate")
            .header(header::COOKIE, cookies.collect::<Vec<_>>().join("; "));
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = self
            .app
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie::Cookie::parse(cookie.to_str().unwrap().to_owned()).unwrap();
            match cookie.max_age().is_some_and(|it| it.is_zero()) {
                true => self.cookies.remove(cookie.name()),
                false => {
                    let (name, value) = cookie.name_value();
                    self.cookies.insert(name.to_owned(), value.to_owned())
                }
            };
        }
        let body = body.collect().await.unwrap().to_bytes();
        (
            parts.status,
            parts.headers,
            String::from_utf8_lossy(&body).into_owned(),
        )
    }

    async fn ask_provider(&self, mut url: Url) -> (StatusCode, HeaderMap, String) {
        url.query_pairs_mut().append_pair("user", self.user);
        let answer = self.provider.get(url).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.text().await.unwrap())
    }
}
