//! The quickstart as a person meets it: started with nothing configured, signed in to over real
//! sockets, with the cookies a browser would keep.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use reqwest::header::{
    ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN,
    SET_COOKIE,
};
use reqwest::{Method, StatusCode, Url};

fn quickstart() -> Command {
    program::unconfigured(env!("CARGO_BIN_EXE_quickstart"))
}

/// The running program; it ends with the test.
struct Quickstart {
    process: Child,
    app: Url,
    printed: String,
}

impl Quickstart {
    fn start() -> Self {
        let mut process = quickstart().stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        while !printed.contains("Ctrl-C") {
            let line = lines.next().expect("it says how to stop it").unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
        // The log goes on; nobody may be stopped by a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let address = |name: &str| {
            let line = printed.lines().find(|line| line.trim().starts_with(name));
            line.unwrap()
                .split_whitespace()
                .nth(1)
                .unwrap()
                .parse()
                .unwrap()
        };
        let app: Url = address("app");
        let provider: Url = address("provider");
        assert_ne!(app.port(), provider.port());
        Self {
            process,
            app,
            printed,
        }
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser: cookies by host, no redirect followed unless asked.
struct Browser {
    http: reqwest::Client,
    cookies: BTreeMap<(String, String), String>,
}

struct Page {
    url: Url,
    status: StatusCode,
    location: Option<Url>,
    allow: Option<String>,
    kind: String,
    text: String,
}

impl Browser {
    fn new() -> Self {
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(none).no_proxy();
        Self {
            http: http.build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    async fn send(&mut self, method: Method, url: Url, form: Option<String>) -> Page {
        let host = url.host_str().unwrap().to_owned();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| *of == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = self.http.request(method.clone(), url.clone());
        request = request.header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
        request = request.header("Sec-Fetch-Mode", "navigate");
        request = request.header("Sec-Fetch-Dest", "document");
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if method == Method::POST {
            request = request.header(ORIGIN, url.origin().ascii_serialization());
            request = request.header("Sec-Fetch-Site", "same-origin");
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let response = request.body(form.unwrap_or_default()).send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let key = (host.clone(), name.to_owned());
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
        let headers = response.headers();
        let location = headers
            .get(LOCATION)
            .map(|to| url.join(to.to_str().unwrap()).unwrap());
        let kind = headers
            .get(CONTENT_TYPE)
            .map_or("", |kind| kind.to_str().unwrap())
            .to_owned();
        if kind.starts_with("text/html") {
            assert!(headers.contains_key(CONTENT_SECURITY_POLICY), "{url}");
            assert_eq!(headers[CACHE_CONTROL], "no-store", "{url}");
        }
        let allow = headers
            .get(ALLOW)
            .map(|allow| allow.to_str().unwrap().to_owned());
        let status = response.status();
        let text = response.text().await.unwrap();
        Page {
            url,
            status,
            location,
            allow,
            kind,
            text,
        }
    }

    async fn get(&mut self, url: Url) -> Page {
        self.send(Method::GET, url, None).await
    }

    /// Follows redirects until there is a page.
    async fn open(&mut self, url: Url) -> Page {
        let mut page = self.get(url).await;
        while let Some(next) = page.location {
            page = self.get(next).await;
        }
        page
    }

    /// Presses a button of the form on a page, and follows.
    async fn press(&mut self, page: &Page, name: &str, value: &str) -> Page {
        let mut form = url_of(&page.url, attribute(&page.text, "action"));
        form.set_query(None);
        let mut fields = form.clone();
        for input in page.text.split("<input type=\"hidden\"").skip(1) {
            let value = attribute(input, "value").replace("&amp;", "&");
            fields
                .query_pairs_mut()
                .append_pair(attribute(input, "name"), &value);
        }
        if !name.is_empty() {
            fields.query_pairs_mut().append_pair(name, value);
        }
        let body = fields.query().map(str::to_owned);
        let answer = self.send(Method::POST, form, body).await;
        match answer.location {
            Some(next) => self.open(next).await,
            None => answer,
        }
    }

    async fn sign_in(&mut self, from: Url, user: &str) -> Page {
        let page = self.open(from).await;
        assert!(page.text.contains("Alice Admin") && page.text.contains("Bob Builder"));
        self.press(&page, "user", user).await
    }
}

fn attribute<'a>(html: &'a str, name: &str) -> &'a str {
    let start = html.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    html[start..].split('"').next().unwrap()
}

fn url_of(base: &Url, path: &str) -> Url {
    base.join(path).unwrap()
}

#[tokio::test]
async fn alice_lands_on_the_admin_dashboard_and_signs_out() {
    let quickstart = Quickstart::start();
    let at = |path| quickstart.app.join(path).unwrap();
    assert!(quickstart.printed.contains("sign in as Alice"));
    let mut browser = Browser::new();

    let home = browser.open(at("/")).await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.text.contains("href=\"/api/auth/signin\""));

    let landed = browser.sign_in(at("/api/auth/signin"), "alice").await;
    assert_eq!(
        (landed.status, landed.url.path()),
        (StatusCode::OK, "/admin/dashboard")
    );
    assert!(landed.text.contains("Alice Admin"));

    let staff = browser.open(at("/staff")).await;
    assert_eq!((staff.status, staff.url.path()), (StatusCode::OK, "/staff"));

    let me = browser.get(at("/me")).await;
    assert_eq!(me.kind, "application/json");
    let me: serde_json::Value = serde_json::from_str(&me.text).unwrap();
    assert_eq!(me["userId"], "authsafe|alice");
    assert_eq!(me["roles"], serde_json::json!(["admin"]));
    assert!(me.get("accessToken").is_none());

    let home = browser.open(at("/")).await;
    assert!(home.text.contains("Hello, <b>Alice Admin</b>"));
    let mut out = browser.press(&home, "", "").await;
    if out.text.contains("Sign out?") {
        out = browser.press(&out, "confirm", "1").await;
    }
    assert_eq!((out.url.path(), out.status), ("/", StatusCode::OK));
    assert!(out.text.contains("href=\"/api/auth/signin\""));
    let again = browser.get(at("/dashboard")).await;
    assert_eq!(again.location.unwrap().path(), "/api/auth/signin");
}

#[tokio::test]
async fn bob_lands_on_the_dashboard_and_is_refused_by_a_page() {
    let quickstart = Quickstart::start();
    let at = |path| quickstart.app.join(path).unwrap();
    let mut browser = Browser::new();
    let landed = browser.sign_in(at("/api/auth/signin"), "bob").await;
    assert_eq!(
        (landed.status, landed.url.path()),
        (StatusCode::OK, "/dashboard")
    );

    for path in ["/admin/dashboard", "/staff"] {
        let refused = browser.open(at(path)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(refused.url.path(), path);
        assert!(refused.text.contains("This page is not for you"));
    }
}

#[tokio::test]
async fn whoever_asks_for_a_page_signed_out_is_brought_back_to_it() {
    let quickstart = Quickstart::start();
    let at = |path| quickstart.app.join(path).unwrap();
    let mut browser = Browser::new();
    let landed = browser.sign_in(at("/dashboard?tab=2"), "alice").await;
    assert_eq!(landed.url.path(), "/dashboard");
    assert_eq!(landed.url.query(), Some("tab=2"));
}

#[tokio::test]
async fn whoever_cancels_reads_a_page_and_is_not_signed_in() {
    let quickstart = Quickstart::start();
    let at = |path| quickstart.app.join(path).unwrap();
    let mut browser = Browser::new();
    let page = browser.open(at("/api/auth/signin")).await;
    let back = browser.press(&page, "cancel", "1").await;
    assert_eq!(back.status, StatusCode::FORBIDDEN);
    assert!(back.text.contains("You did not sign in"));
    let home = browser.open(at("/")).await;
    assert!(home.text.contains("href=\"/api/auth/signin\""));

    // Whoever reloads it may choose once more.
    let replayed = browser.open(back.url).await;
    assert_eq!(replayed.status, StatusCode::OK);
    assert_ne!(replayed.url.origin(), quickstart.app.origin());
    let made_up = browser.open(at("/api/auth/callback?state=made-up")).await;
    assert_eq!(made_up.status, StatusCode::BAD_REQUEST);
    assert!(made_up.text.contains("Please start over"));
    let lost = browser.open(at("/nowhere")).await;
    assert_eq!(lost.status, StatusCode::NOT_FOUND);
    let typed = browser.open(at("/api/auth/logout")).await;
    assert_eq!(typed.status, StatusCode::OK);
    assert!(typed.text.contains("<form method=\"post\"") && typed.text.contains("Sign out"));
    let typed = browser.open(at("/api/auth/refresh")).await;
    assert_eq!(typed.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(typed.allow.as_deref(), Some("POST"));
}

#[test]
fn a_taken_port_and_half_a_configuration_are_said_clearly() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let failed = |output: Output, words: &[&str]| {
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        for word in words {
            assert!(said.contains(word), "{word} in: {said}");
        }
    };
    let output = quickstart().env("PORT", &port).output().unwrap();
    failed(output, &[&port, "is taken", "PORT="]);
    let output = quickstart().env("PORT", "http").output().unwrap();
    failed(output, &["PORT is `http`", "3000"]);
    let output = quickstart()
        .env("AUTHSAFE_CLIENT_ID", "x")
        .output()
        .unwrap();
    failed(
        output,
        &["AUTHSAFE_CLIENT_ID is set", "AUTHSAFE_DOMAIN is not"],
    );
}

#[test]
fn help_names_every_variable() {
    let mut process = quickstart()
        .arg("--help")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut help = String::new();
    process
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut help)
        .unwrap();
    assert!(process.wait().unwrap().success());
    for word in [
        "PORT",
        "AUTHSAFE_DOMAIN",
        "AUTHSAFE_CLIENT_ID",
        "/admin/dashboard",
        "/staff",
        "/me",
    ] {
        assert!(help.contains(word), "{word}");
    }
}
