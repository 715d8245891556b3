//! A browser: it keeps cookies, follows nothing by itself, and can be robbed.

use std::collections::BTreeMap;

use authsafe::{Auth, Session};
use cookie::Cookie;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use url::Url;

use crate::answer::with_port;
use crate::{Answer, Stage};

/// A cookie as the browser keeps it, without the app's port in its name. It is told apart by name and path; the app and the provider
/// are one host on two ports, which cookies do not tell apart (RFC 6265 §8.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub path: String,
    pub value: String,
}

/// A clone has the same cookies, and from then on cookies of its own.
#[derive(Debug, Clone)]
pub struct Browser {
    http: reqwest::Client,
    home: Url,
    /// The app's URL, where the machines that it asks have ports of their own.
    app_url: Option<Url>,
    cookies: BTreeMap<(String, String), String>,
}

/// Every answer on the way of one sign-in.
#[derive(Debug, Clone)]
pub struct Journey {
    /// Of the sign-in endpoint.
    pub started: Answer,
    /// Of the provider, once someone was chosen.
    pub chosen: Answer,
    /// Of the callback.
    pub callback: Answer,
    /// Of the page that the callback sent to, where it did.
    pub landed: Option<Answer>,
}

impl Journey {
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        [&self.started, &self.chosen, &self.callback]
            .into_iter()
            .chain(&self.landed)
    }
}

impl Browser {
    /// A browser that knows the app at this origin.
    pub fn new(home: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            http,
            home: Url::parse(home).unwrap(),
            app_url: None,
            cookies: BTreeMap::new(),
        }
    }

    /// A browser that knows an app of several processes at this origin, whichever of them it asks.
    pub fn of_app_at(app_url: &str) -> Self {
        let mut browser = Self::new(app_url);
        browser.app_url = Some(browser.home.clone());
        browser
    }

    /// The same browser, in front of another machine.
    pub fn at(mut self, stage: &Stage) -> Self {
        self.home = Url::parse(&stage.url).unwrap();
        self
    }

    /// A person opens a page: a path of the app, or a whole URL.
    pub async fn open(&mut self, target: &str) -> Answer {
        self.visit(Method::GET, target).send().await
    }

    /// The app's own page calls the app in the background.
    pub async fn fetch(&mut self, target: &str) -> Answer {
        let visit = self.visit(Method::GET, target);
        visit.header("sec-fetch-mode", "cors").json().send().await
    }

    /// The app's own page submits a form.
    pub async fn post(&mut self, target: &str) -> Answer {
        self.own_post(target).send().await
    }

    /// What [`post`](Self::post) sends, to be changed.
    pub fn own_post(&mut self, target: &str) -> Visit<'_> {
        let origin = self.home.origin().ascii_serialization();
        self.visit(Method::POST, target)
            .header("origin", &origin)
            .header("sec-fetch-site", "same-origin")
    }

    /// A navigation, to be changed.
    pub fn visit(&mut self, method: Method, target: &str) -> Visit<'_> {
        let url = self.home.join(target).unwrap();
        let visit = Visit {
            browser: self,
            method,
            url,
            headers: HeaderMap::new(),
            body: None,
        };
        visit
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("sec-fetch-mode", "navigate")
    }

    /// Starts a sign-in.
    pub async fn start(&mut self, return_to: Option<&str>) -> Answer {
        let mut url = self.home.join("/api/auth/signin").unwrap();
        if let Some(return_to) = return_to {
            url.query_pairs_mut().append_pair("returnTo", return_to);
        }
        self.open(url.as_str()).await
    }

    /// Chooses somebody on the provider's page, where a sign-in was sent to. The answer sends to
    /// the callback.
    #[track_caller]
    pub fn choose(&mut self, user: &str, started: &Answer) -> impl Future<Output = Answer> {
        let mut url = started.next();
        url.query_pairs_mut().append_pair("user", user);
        async move { self.open(url.as_str()).await }
    }

    /// Signs in, as far as it goes.
    pub async fn sign_in(&mut self, user: &str, return_to: Option<&str>) -> Journey {
        let started = self.start(return_to).await;
        let chosen = self.choose(user, &started).await;
        let callback = self.open(chosen.next().as_str()).await;
        let landed = match callback.status.as_u16() {
            303 => Some(self.open(callback.next().as_str()).await),
            _ => None,
        };
        Journey {
            started,
            chosen,
            callback,
            landed,
        }
    }

    /// Signs in, and gives the callback's answer.
    pub async fn callback(&mut self, user: &str) -> Answer {
        self.sign_in(user, None).await.callback
    }

    /// Who the app says it is; `None` where nobody is signed in.
    pub async fn user(&mut self) -> Option<String> {
        let answer = self.fetch("/me").await;
        match answer.status.as_u16() {
            200 => Some(answer.json()["userId"].as_str().unwrap().to_owned()),
            401 => None,
            _ => panic!("{answer:#?}"),
        }
    }

    pub fn cookies(&self) -> Vec<Stored> {
        self.cookies
            .iter()
            .map(|((name, path), value)| Stored {
                name: name.clone(),
                path: path.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// The value of the cookie with this name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let found = self.cookies().into_iter().find(|it| it.name == name);
        found.map(|it| it.value)
    }

    /// The session's cookies: one, or its pieces.
    pub fn session_cookies(&self) -> Vec<Stored> {
        let mut cookies = self.cookies();
        cookies.retain(|it| {
            it.name == "authsafe" || (it.name.starts_with("authsafe.") && it.path == "/")
        });
        cookies
    }

    /// The cookies of sign-ins in flight.
    pub fn transactions(&self) -> Vec<Stored> {
        let mut cookies = self.cookies();
        cookies.retain(|it| it.name.starts_with("authsafe.tx."));
        cookies
    }

    /// Puts a cookie in, or another value in its place.
    pub fn inject(&mut self, name: &str, path: &str, value: &str) {
        let key = (name.to_owned(), path.to_owned());
        self.cookies.insert(key, value.to_owned());
    }

    pub fn forget(&mut self, cookie: &Stored) {
        let key = (cookie.name.clone(), cookie.path.clone());
        self.cookies.remove(&key);
    }

    /// What it would send, for a machine that is called in this process.
    pub fn request(&self, method: Method, target: &str) -> Parts {
        let url = self.home.join(target).unwrap();
        let mut request = Request::builder().method(method).uri(target);
        if let Some(cookies) = self.cookie_header(&url) {
            request = request.header(header::COOKIE, cookies);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        parts
    }

    /// The session that a machine finds in its cookies.
    pub async fn session(&self, machine: &Auth) -> Option<Session> {
        let request = self.request(Method::GET, "/");
        machine.authenticate(&request.headers).await.unwrap()
    }

    /// RFC 6265 §5.4.
    fn cookie_header(&self, url: &Url) -> Option<HeaderValue> {
        let mut sent: Vec<_> = self
            .cookies
            .iter()
            .filter(|((_, of), _)| path_matches(url.path(), of))
            .collect();
        sent.sort_by_key(|((_, of), _)| std::cmp::Reverse(of.len()));
        let pairs: Vec<_> = sent
            .iter()
            .map(|((name, _), value)| format!("{}={value}", with_port(name, self.app_url(url))))
            .collect();
        (!pairs.is_empty()).then(|| HeaderValue::from_str(&pairs.join("; ")).unwrap())
    }

    /// The URL whose port is in the names of the app's cookies.
    fn app_url<'u>(&'u self, asked: &'u Url) -> &'u Url {
        self.app_url.as_ref().unwrap_or(asked)
    }

    /// RFC 6265 §5.3.
    fn keep(&mut self, cookie: &Cookie<'_>) {
        let path = cookie.path().unwrap_or("/").to_owned();
        let key = (cookie.name().to_owned(), path);
        if cookie.max_age().is_some_and(|age| !age.is_positive()) {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, cookie.value().to_owned());
        }
    }
}

/// RFC 6265 §5.1.4.
fn path_matches(path: &str, of: &str) -> bool {
    path.strip_prefix(of)
        .is_some_and(|rest| of.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

/// A request on its way.
pub struct Visit<'b> {
    browser: &'b mut Browser,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<String>,
}

impl Visit<'_> {
    /// Sets a header in the place of what was there.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Asks for JSON.
    pub fn json(self) -> Self {
        self.header("accept", "application/json")
    }

    pub fn body(mut self, kind: &str, body: &str) -> Self {
        self.body = Some(body.to_owned());
        self.header("content-type", kind)
    }

    pub async fn send(self) -> Answer {
        let mut request = reqwest::Request::new(self.method, self.url.clone());
        *request.headers_mut() = self.headers;
        if let Some(cookies) = self.browser.cookie_header(&self.url) {
            request.headers_mut().insert(header::COOKIE, cookies);
        }
        *request.body_mut() = self.body.map(Into::into);
        let response = self.browser.http.execute(request).await.unwrap();
        let answer = Answer {
            app_url: self.browser.app_url(&self.url).clone(),
            url: self.url,
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        };
        for cookie in answer.set_cookies() {
            self.browser.keep(&cookie);
        }
        answer
    }
}
