//! The examples beside the quickstart, as people meet them: started with a local provider, signed in to over real
//! sockets, each with what it shows.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use authsafe::dev::LocalProvider;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE, USER_AGENT,
};
use reqwest::{Method, StatusCode, Url};

/// A running example; it ends with the test.
struct App {
    process: Child,
    url: Url,
    provider: LocalProvider,
    http: reqwest::Client,
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl App {
    async fn start(program: &str) -> Self {
        let provider = LocalProvider::builder().demo().start().await.unwrap();
        let mut command = program::unconfigured(program);
        let vars = provider.vars("");
        for name in ["AUTHSAFE_DOMAIN", "AUTHSAFE_CLIENT_ID"] {
            command.env(name, vars(name).unwrap());
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().trim().starts_with("app"));
        let line = line.expect("it says where it is").unwrap();
        // The log goes on; nobody may be stopped by a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let none = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(none).no_proxy();
        Self {
            process,
            url: line.split_whitespace().nth(1).unwrap().parse().unwrap(),
            provider,
            http: http.build().unwrap(),
        }
    }

    fn browser<'a>(&'a self, user: &'a str, agent: &'a str) -> Browser<'a> {
        Browser {
            app: self,
            user,
            agent,
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which somebody has signed in, and where they landed.
    async fn sign_in<'a>(&'a self, user: &'a str, agent: &'a str) -> (Browser<'a>, Page) {
        let mut browser = self.browser(user, agent);
        let page = browser.open("/api/auth/signin").await;
        (browser, page)
    }
}

/// A browser of one person: it keeps cookies, and follows where it is sent.
struct Browser<'a> {
    app: &'a App,
    user: &'a str,
    agent: &'a str,
    cookies: BTreeMap<(String, String), String>,
}

struct Page {
    url: Url,
    status: StatusCode,
    text: String,
}

impl Page {
    #[track_caller]
    fn shows(&self, text: &str) {
        assert!(self.status.is_success(), "{}", self.status);
        assert!(self.text.contains(text), "{text}: {}", self.text);
    }
}

impl Browser<'_> {
    async fn go(&mut self, mut method: Method, path: &str, form: &str, origin: &Url) -> Page {
        let (mut url, mut form) = (self.app.url.join(path).unwrap(), form.to_owned());
        loop {
            if url.path().ends_with("/authorize") {
                url.query_pairs_mut().append_pair("user", self.user);
            }
            let host = url.host_str().unwrap().to_owned();
            let cookies = self.cookies.iter().filter(|((of, _), _)| *of == host);
            let cookies: Vec<_> = cookies
                .map(|((_, name), it)| format!("{name}={it}"))
                .collect();
            let request = self.app.http.request(method.clone(), url.clone());
            let mut request = request
                .header(ACCEPT, "text/html")
                .header(USER_AGENT, self.agent)
                .header(COOKIE, cookies.join("; "))
                .header("sec-fetch-mode", "navigate");
            if method == Method::POST {
                request = request
                    .header(ORIGIN, origin.origin().ascii_serialization())
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            }
            let response = request
                .body(std::mem::take(&mut form))
                .send()
                .await
                .unwrap();
            for cookie in response.headers().get_all(SET_COOKIE) {
                let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                let key = (host.clone(), name.to_owned());
                match rest.contains("Max-Age=0") {
                    true => self.cookies.remove(&key),
                    false => self.cookies.insert(key, value.to_owned()),
                };
            }
            let next = response.headers().get(LOCATION);
            match next.map(|to| url.join(to.to_str().unwrap()).unwrap()) {
                Some(next) => (method, url) = (Method::GET, next),
                None => {
                    let status = response.status();
                    let text = response.text().await.unwrap();
                    return Page { url, status, text };
                }
            }
        }
    }

    async fn open(&mut self, path: &str) -> Page {
        let origin = self.app.url.clone();
        self.go(Method::GET, path, "", &origin).await
    }

    /// Submits a form of the app's own page.
    async fn post(&mut self, path: &str, form: &str) -> Page {
        let origin = self.app.url.clone();
        self.go(Method::POST, path, form, &origin).await
    }
}

/// What stands behind the first of these in a page, up to a quote.
fn after<'p>(page: &'p Page, text: &str) -> &'p str {
    let (_, rest) = page.text.split_once(text).expect(text);
    rest.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_are_their_writers_and_admins_see_what_happened() {
    let app = App::start(env!("CARGO_BIN_EXE_notes")).await;
    app.browser("bob", "").open("/").await.shows("Sign in");
    let (mut bob, landed) = app.sign_in("bob", "").await;
    assert_eq!(landed.url.path(), "/notes");
    landed.shows("Nothing yet");

    // What is said is said once, and is text.
    let written = bob.post("/notes", "text=Water+the+%3Cb%3Eplants").await;
    written.shows("The note is kept.");
    written.shows("Water the &lt;b&gt;plants");
    assert!(!bob.open("/notes").await.text.contains("The note is kept."));

    // A page of elsewhere writes nothing.
    let elsewhere = Url::parse("https://evil.example").unwrap();
    let forged = bob
        .go(Method::POST, "/notes", "text=forged", &elsewhere)
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(bob.open("/all").await.status, StatusCode::FORBIDDEN);

    // Alice is an admin: her note is not Bob's to delete, and his is hers.
    let (mut alice, _) = app.sign_in("alice", "").await;
    let hers = alice.post("/notes", "text=Call+the+plumber").await;
    assert!(!hers.text.contains("plants"));
    let delete = after(&hers, "action=\"/notes/").to_owned();
    let refused = bob.post(&format!("/notes/{delete}"), "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    alice.open("/all").await.shows("by Bob Builder");
    alice
        .post("/notes/1/delete", "")
        .await
        .shows("The note is deleted.");
    assert!(!alice.open("/all").await.text.contains("plants"));
    let audit = alice.open("/audit").await;
    audit.shows("authsafe|bob signed in");
    audit.shows("authsafe|bob was refused at POST /notes/2/delete: somebody else&#39;s note");

    // A client with a token is the same person, and has no session.
    let api = app.url.join("/api/notes").unwrap();
    let audience = "https://notes.example.com";
    let token = app.provider.access_token("alice", audience, &[]).unwrap();
    let other = app
        .provider
        .access_token("alice", "https://other.example", &[])
        .unwrap();
    let ask = |token: &str| {
        let request = app.http.get(api.clone());
        request
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .send()
    };
    let answer = ask(&token).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let notes: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(notes[0]["text"], "Call the plumber");
    assert_eq!(
        ask(&other).await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_sees_where_they_are_signed_in_and_ends_it() {
    let app = App::start(env!("CARGO_BIN_EXE_devices")).await;
    let (mut phone, landed) = app.sign_in("alice", SAFARI).await;
    assert_eq!(landed.url.path(), "/devices");
    let (mut desk, list) = app.sign_in("alice", FIREFOX).await;
    list.shows("Firefox on Linux");
    list.shows("Safari on an iPhone");
    let end = format!("/devices/{}", after(&list, "action=\"/devices/"));

    // Bob sees his own alone, and ends nobody else's.
    let (mut bob, his) = app.sign_in("bob", FIREFOX).await;
    assert!(!his.text.contains("Safari"));
    assert_eq!(bob.post(&end, "").await.status, StatusCode::FORBIDDEN);

    desk.post(&end, "")
        .await
        .shows("That device is signed out.");
    let list = desk.open("/devices").await;
    assert!(!list.text.contains("Safari") && list.text.contains("Firefox"));
    phone.open("/").await.shows("href=\"/api/auth/signin\"");
    desk.open("/").await.shows("Hello");

    // Everywhere, here too; of others nobody is signed out.
    let out = desk.post("/devices/end", "").await;
    out.shows("href=\"/api/auth/signin\"");
    bob.open("/").await.shows("Hello");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_ends_sessions_and_keeps_somebody_out() {
    let app = App::start(env!("CARGO_BIN_EXE_admin")).await;
    let (mut bob, landed) = app.sign_in("bob", "").await;
    assert_eq!(landed.url.path(), "/");
    assert_eq!(bob.open("/people").await.status, StatusCode::FORBIDDEN);
    let whom = "user=authsafe%7Cbob";
    assert_eq!(
        bob.post("/people/block", whom).await.status,
        StatusCode::FORBIDDEN
    );

    let (mut alice, people) = app.sign_in("alice", "").await;
    assert_eq!(people.url.path(), "/people");
    people.shows("bob@example.com");
    alice
        .post("/people/sign-out", whom)
        .await
        .shows("is signed out everywhere");
    bob.open("/").await.shows("href=\"/api/auth/signin\"");
    let (mut bob, _) = app.sign_in("bob", "").await;
    bob.open("/").await.shows("Hello");

    alice
        .post("/people/block", whom)
        .await
        .shows("authsafe|bob is blocked.");
    bob.open("/").await.shows("href=\"/api/auth/signin\"");
    let (_, refused) = app.sign_in("bob", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("Your account is blocked here."));
    let own = alice.post("/people/block", "user=authsafe%7Calice").await;
    own.shows("Nobody blocks themselves.");

    alice
        .post("/people/unblock", whom)
        .await
        .shows("may sign in again");
    let (_, landed) = app.sign_in("bob", "").await;
    assert_eq!(landed.status, StatusCode::OK);
}
