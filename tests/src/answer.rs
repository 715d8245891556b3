//! An answer, read whole, and what tests ask of it.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderName, StatusCode};
use serde_json::Value;
use url::{Url, form_urlencoded};

#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked.
    pub url: Url,
    /// The URL whose port is in the names of the app's cookies.
    pub app_url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Where it redirects to, as it is written.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "no redirect: {self:#?}");
        self.header(LOCATION).expect("a Location")
    }

    /// Where it redirects to, as a browser understands it.
    #[track_caller]
    pub fn next(&self) -> Url {
        self.url.join(self.location()).unwrap()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:#?}"))
    }

    /// Is it a page that a person sees in the place of an error?
    pub fn is_page(&self) -> bool {
        self.header(CONTENT_TYPE) == Some("text/html; charset=utf-8")
    }

    /// The code of an error, in JSON or at the end of a page.
    #[track_caller]
    pub fn code(&self) -> Value {
        if !self.is_page() {
            return self.json()["code"].clone();
        }
        let last = self.body.split_once("<small>").expect("last words").1;
        let code = last.split(['(', ')']).nth(1).expect("a code");
        Value::from(code)
    }

    pub fn set_cookies(&self) -> Vec<cookie::Cookie<'static>> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|it| cookie::Cookie::parse(it.to_str().unwrap().to_owned()).unwrap())
            .map(|mut cookie| {
                cookie.set_name(without_port(cookie.name(), &self.app_url));
                cookie
            })
            .collect()
    }

    /// The `Set-Cookie` of this name that sets something.
    pub fn sets(&self, name: &str) -> Option<cookie::Cookie<'static>> {
        let mut cookies = self.set_cookies().into_iter();
        cookies.find(|it| it.name() == name && !removes(it))
    }

    /// Is there a `Set-Cookie` that sets a session, whole or in pieces?
    pub fn makes_a_session(&self) -> bool {
        self.sets("authsafe").is_some() || self.sets("authsafe.0").is_some()
    }

    /// The names of the cookies that it removes.
    pub fn removed(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .set_cookies()
            .iter()
            .filter(|it| removes(it))
            .map(|it| it.name().to_owned())
            .collect();
        names.sort();
        names
    }

    /// Is it this refusal, word for word, that nobody may cache?
    #[track_caller]
    pub fn refuses(&self, status: u16, code: &str, error: &str) {
        let told = self.body.as_str();
        if self.is_page() {
            // It ends with the same words.
            let last = format!("<small>{error} ({code})</small>");
            assert!(told.contains(&last), "{code}: {self:#?}");
            assert!(!told.contains("<script"), "{self:#?}");
        } else {
            assert_eq!(told, format!(r#"{{"error":"{error}","code":"{code}"}}"#));
        }
        assert_eq!(self.status.as_u16(), status, "{self:#?}");
        assert_eq!(self.header(CACHE_CONTROL), Some("no-store"));
        assert!(!self.makes_a_session(), "{self:#?}");
    }
}

/// The fields of the form in a page, as a form.
pub fn fields(page: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for input in page.split("<input ").skip(1) {
        let value = |name: &str| {
            let (_, rest) = input.split_once(&format!("{name}=\"")).unwrap();
            let value = rest.split('"').next().unwrap();
            value
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&amp;", "&")
        };
        form.append_pair(&value("name"), &value("value"));
    }
    form.finish()
}

/// A parameter of a URL's query.
pub fn param(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs().into_owned();
    pairs.find_map(|(it, value)| (it == name).then_some(value))
}

/// The name of the app's cookie with the port of its URL.
pub(crate) fn with_port(name: &str, url: &Url) -> String {
    match (name.strip_prefix("authsafe"), url.port()) {
        (Some(rest), Some(port)) if rest.is_empty() || rest.starts_with('.') => {
            format!("authsafe-{port}{rest}")
        }
        _ => name.to_owned(),
    }
}

/// The name of the app's cookie, without the port that is in it on the loopback.
pub(crate) fn without_port(name: &str, url: &Url) -> String {
    let port = url.port().map(|port| format!("authsafe-{port}"));
    match port.as_ref().and_then(|it| name.strip_prefix(it.as_str())) {
        Some(rest) => format!("authsafe{rest}"),
        None => name.to_owned(),
    }
}

fn removes(cookie: &cookie::Cookie<'_>) -> bool {
    cookie.max_age().is_some_and(|age| age.is_zero())
}
