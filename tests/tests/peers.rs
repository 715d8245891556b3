//! axum, actix-web and hyper: one behaviour.
//!
//! Each story is told on the three; status, headers, cookies and bodies have to be the same.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authsafe::__private::{BearerSpec, Protect, Setting, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::hooks::Event;
use authsafe::{Error, Policy, Response, Spec};
use authsafe_tests::peers::{Peer, Setup, Tale, alike, alike_in};
use authsafe_tests::{Answer, param};
use http::{HeaderName, Method, StatusCode, header};
use serde_json::{Map, Value, json};

const SIGN_IN: &str = "/api/auth/signin";
const CALLBACK: &str = "/api/auth/callback";
const LOGOUT: &str = "/api/auth/logout";
const REFRESH: &str = "/api/auth/refresh";
const ENDPOINTS: [&str; 4] = [SIGN_IN, CALLBACK, LOGOUT, REFRESH];

/// Does a tale hold this answer? So that three apps do not agree on nothing.
#[track_caller]
fn has(tale: &[String], beginning: &str) {
    assert!(
        tale.iter().any(|it| it.starts_with(beginning)),
        "no {beginning} in {tale:#?}"
    );
}

#[tokio::test]
async fn people_sign_in_and_land() {
    let tale = alike(async |peer, tale| {
        for (user, return_to) in [("alice", None), ("bob", None), ("bob", Some("/me?a=1"))] {
            let mut browser = peer.browser();
            let journey = browser.sign_in(user, return_to).await;
            tale.tell("start", &journey.started);
            tale.tell("callback", &journey.callback);
            tale.tell("landed", &journey.landed.unwrap());
            for page in [
                "/",
                "/option",
                "/dashboard",
                "/me",
                "/admin/dashboard",
                "/open",
            ] {
                tale.tell(page, &browser.open(page).await);
                let head = browser.visit(Method::HEAD, page).send().await;
                tale.tell(&format!("HEAD {page}"), &head);
            }
        }
    })
    .await;
    has(&tale, "callback: 303");
    has(&tale, "/admin/dashboard: 200");
    has(&tale, "/admin/dashboard: 403");
}

#[tokio::test]
async fn who_is_signed_out_is_sent_to_sign_in_or_told() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser();
        for page in [
            "/",
            "/open",
            "/option",
            "/dashboard",
            "/me?a=%C3%A9&b=%2F",
            "/admin/dashboard?tab=2&q=a%26b",
        ] {
            tale.tell(page, &browser.open(page).await);
            tale.tell("fetch", &browser.fetch(page).await);
            let head = browser.visit(Method::HEAD, page).send().await;
            tale.tell("HEAD", &head);
            let xhr = browser.visit(Method::GET, page);
            let xhr = xhr.header("x-requested-with", "XMLHttpRequest");
            tale.tell("XHR", &xhr.send().await);
        }
        tale.tell("POST", &browser.post("/admin/upload").await);
    })
    .await;
    has(&tale, "/dashboard: 303");
    has(&tale, "fetch: 401");
    has(&tale, "POST: 401");
}

#[tokio::test]
async fn a_session_that_is_none_is_none() {
    alike(async |peer, tale| {
        let value = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        let cut = &value[..value.len() - 1];
        for value in [cut, "", "%00", "\"\"", "=", "a b"] {
            let mut browser = peer.browser();
            browser.inject("authsafe", "/", value);
            tale.tell("fetch", &browser.fetch("/dashboard").await);
            tale.tell("home", &browser.open("/").await);
            tale.tell("logout", &browser.post(LOGOUT).await);
        }
    })
    .await;
}

#[tokio::test]
async fn each_endpoint_has_its_methods() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser();
        for path in ENDPOINTS {
            for name in [
                "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW",
            ] {
                let method = Method::from_bytes(name.as_bytes()).unwrap();
                let answer = browser.visit(method, path).send().await;
                tale.tell(&format!("{name} {path}"), &answer);
            }
        }
    })
    .await;
    has(&tale, "OPTIONS /api/auth/signin: 405");
    has(&tale, "HEAD /api/auth/callback: 200");
}

#[tokio::test]
async fn an_endpoint_has_one_spelling() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser();
        for path in [
            "/api/auth/%73ignin",
            "/api/auth/signin/",
            "/api/auth//signin",
            "/API/auth/signin",
            "/api/auth/signin%2F",
            "/api/auth/signin%3F",
            "/api/auth/signin;a=b",
            "/api/auth",
            "/api/auth/",
            "/api%2Fauth/signin",
            "/nowhere",
        ] {
            tale.tell(path, &browser.open(path).await);
        }
        for request in [
            "GET //api/auth/signin HTTP/1.1",
            "GET /api/./auth/signin HTTP/1.1",
            "GET /api/auth/../auth/signin HTTP/1.1",
            "GET /api/auth/signin HTTP/1.0",
            &format!("GET {}/api/auth/signin HTTP/1.1", peer.url),
            &format!("GET {}/dashboard HTTP/1.1", peer.url),
            "GET //dashboard HTTP/1.1",
            "OPTIONS * HTTP/1.1",
        ] {
            let answer = peer.say(request, &[("accept", "text/html")]).await;
            tale.tell(&request.replace(&peer.url, "{app}"), &answer);
        }
    })
    .await;
    has(&tale, "/api/auth/%73ignin: 404");
    has(&tale, "GET /api/auth/signin HTTP/1.0: 303");
}

#[tokio::test]
async fn headers_that_come_twice_or_in_disorder_are_read_alike() {
    alike(async |peer, tale| {
        let browser = peer.browser_of("bob").await;
        let session = format!("authsafe={}", browser.cookie("authsafe").unwrap());
        let cors = ("sec-fetch-mode", "cors");
        for headers in [
            &[cors, ("cookie", "a=b"), ("cookie", &session)][..],
            &[cors, ("cookie", &session), ("cookie", "authsafe=other")],
            &[cors, ("cookie", "authsafe=other"), ("cookie", &session)],
            &[cors, ("Cookie", "\u{e9}=\u{e9}; x"), ("COOKIE", &session)],
            &[cors, ("x-a", "\u{e9}"), ("cookie", &session)],
            &[("accept", "text/html"), ("accept", "application/json")],
            &[("accept", "application/json"), ("accept", "text/html")],
        ] {
            tale.tell("me", &peer.say("GET /me HTTP/1.1", headers).await);
        }
        let own = peer.url.as_str();
        for headers in [
            &[("origin", own), ("origin", "https://evil.example")][..],
            &[("origin", "https://evil.example"), ("origin", own)],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site"), ("origin", own)],
            &[("origin", own), ("origin", own)],
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "same-origin"),
            ],
        ] {
            let headers = [headers, &[("cookie", &session)]].concat();
            for request in ["POST /api/auth/refresh", "POST /api/auth/logout"] {
                let answer = peer.say(&format!("{request} HTTP/1.1"), &headers).await;
                answer.refuses(403, "foreign_origin", "Cross-site request refused");
                tale.tell(request, &answer);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_planted_session_is_met_alike() {
    let tale = alike(async |peer, tale| {
        let planted = peer.browser_of("bob").await.cookie("authsafe").unwrap();
        for value in ["rubbish", &planted] {
            let mut alice = peer.browser_of("alice").await;
            for path in ["/me", "/admin", "/api"] {
                alice.inject("authsafe", path, value);
            }
            tale.tell("me", &alice.fetch("/me").await);
            tale.tell("admin", &alice.open("/admin/dashboard").await);
            tale.tell("refresh", &alice.post(REFRESH).await);
            tale.tell("logout", &alice.post(LOGOUT).await);
        }
    })
    .await;
    let (spoilt, swapped) = tale.split_at(4);
    for (tale, expected) in [
        (
            spoilt,
            ["me: 200", "admin: 200", "refresh: 200", "logout: 303"],
        ),
        (
            swapped,
            ["me: 401", "admin: 303", "refresh: 401", "logout: 303"],
        ),
    ] {
        for (told, expected) in tale.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}");
        }
    }
}

/// What another origin's page sends, by browsers of today and of yesterday, and what nobody sends.
const FOREIGN: [&[(&str, &str)]; 6] = [
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("referer", "https://evil.example/page")],
    &[
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "same-origin"),
    ],
];

static VAULT: Spec = spec(SpecParts {
    protect: &[Protect {
        path: "/vault/**",
        when: Policy::SignedIn,
    }],
    bearer: Some(BearerSpec::new(Setting::Literal(API))),
    ..*parts(authsafe_tests::auth::SPEC)
});

async fn told_of_a_vault(story: impl AsyncFn(&Peer, &mut Tale)) -> Vec<String> {
    let setup = Setup {
        spec: &VAULT,
        files: true,
        ..Setup::default()
    };
    alike_in(setup, story).await
}

/// All that a session opens: a guard, two extractors, policies, a visitor, a path rule.
const CHANGES: [&str; 6] = [
    "/admin/upload",
    "/sent",
    "/remember",
    "/owned",
    "/greet",
    "/vault/safe",
];

async fn say(peer: &Peer, request: &str, cookie: &str, more: &[(&str, &str)]) -> Answer {
    let headers = [&[("cookie", cookie), ("content-length", "0")], more].concat();
    peer.say(&format!("{request} HTTP/1.1"), &headers).await
}

#[tokio::test]
async fn another_origins_page_changes_nothing_with_a_session() {
    told_of_a_vault(async |peer, tale| {
        let alice = peer.browser_of("alice").await;
        let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
        for path in CHANGES {
            for method in ["POST", "DELETE", "BREW"] {
                // Where there is no such method, nobody is asked.
                if method != "POST" && path != "/vault/safe" {
                    continue;
                }
                let request = format!("{method} {path}");
                for headers in FOREIGN {
                    let answer = say(peer, &request, &cookie, headers).await;
                    answer.refuses(403, "foreign_origin", "Cross-site request refused");
                    tale.tell(&format!("{request} {headers:?}"), &answer);
                }
                let own = [("origin", peer.url.as_str())];
                for headers in [&[][..], &[("sec-fetch-site", "same-origin")], &own] {
                    let answer = say(peer, &request, &cookie, headers).await;
                    assert_ne!(answer.status, 403, "{request} {headers:?}");
                    tale.tell(&request, &answer);
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn another_origins_page_is_a_stranger_where_nobody_is_signed_in() {
    let tale = told_of_a_vault(async |peer, tale| {
        for path in CHANGES {
            let answer = say(peer, &format!("POST {path}"), "a=b", FOREIGN[0]).await;
            tale.tell(path, &answer);
        }
    })
    .await;
    has(&tale, "/admin/upload: 401");
    has(&tale, "/vault/safe: 401");
    has(&tale, "/greet: 200");
}

#[tokio::test]
async fn another_origins_page_may_lead_here() {
    told_of_a_vault(async |peer, tale| {
        let alice = peer.browser_of("alice").await;
        let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
        for headers in FOREIGN {
            for request in ["GET /admin/dashboard", "GET /", "HEAD /vault/safe"] {
                let answer = say(peer, request, &cookie, headers).await;
                assert_eq!(answer.status, 200, "{request} {headers:?}");
                tale.tell(request, &answer);
            }
        }
    })
    .await;
}

/// A WebSocket begins with a GET, and browsers let any page open one, with cookies.
#[tokio::test]
async fn another_origins_page_opens_no_web_socket() {
    told_of_a_vault(async |peer, tale| {
        let alice = peer.browser_of("alice").await;
        let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
        let upgrade = ("upgrade", "websocket");
        for request in ["GET /me", "GET /", "GET /vault/safe"] {
            for headers in FOREIGN {
                let headers = [headers, &[upgrade]].concat();
                let answer = say(peer, request, &cookie, &headers).await;
                answer.refuses(403, "foreign_origin", "Cross-site request refused");
                tale.tell(request, &answer);
            }
            for headers in [&[upgrade][..], &[upgrade, ("origin", peer.url.as_str())]] {
                let answer = say(peer, request, &cookie, headers).await;
                assert_eq!(answer.status, 200, "{request} {headers:?}");
                tale.tell(request, &answer);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn another_origins_page_neither_uses_nor_renews_a_session() {
    told_of_a_vault(async |peer, tale| {
        let alice = peer.browser_of("alice").await;
        let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
        peer.pass(NEARLY);
        for path in CHANGES {
            let answer = say(peer, &format!("POST {path}"), &cookie, FOREIGN[0]).await;
            answer.refuses(403, "foreign_origin", "Cross-site request refused");
            assert!(answer.set_cookies().is_empty(), "{path}");
            tale.tell(path, &answer);
        }
        assert_eq!(peer.provider.calls(Endpoint::Token), 1);
    })
    .await;
}

/// A page needs leave to send one (CORS), and it is in no browser's keeping.
#[tokio::test]
async fn a_bearer_token_is_good_from_any_origin() {
    told_of_a_vault(async |peer, tale| {
        let token = peer.provider.access_token("alice", API, &["admin"]);
        let bearer = format!("Bearer {}", token.unwrap());
        let headers = [FOREIGN[2], &[("authorization", &bearer)]].concat();
        for path in ["/admin/upload", "/greet", "/vault/safe"] {
            let answer = say(peer, &format!("POST {path}"), "a=b", &headers).await;
            assert_eq!(answer.status, 200, "{path}");
            tale.tell(path, &answer);
        }
    })
    .await;
}

// What caches are told

fn all<'a>(answer: &'a Answer, name: &HeaderName) -> Vec<&'a str> {
    let values = answer.headers.get_all(name).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[track_caller]
fn is_for_who_asked(answer: &Answer, of_caches: &str) {
    assert_eq!(
        all(answer, &header::CACHE_CONTROL),
        [of_caches],
        "{answer:#?}"
    );
    let vary = all(answer, &header::VARY);
    assert_eq!(vary.join(", "), "Cookie, Authorization", "{answer:#?}");
}

#[tokio::test]
async fn what_depends_on_who_asks_is_kept_for_nobody_else() {
    told_of_a_vault(async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        for page in [
            "/",
            "/option",
            "/dashboard",
            "/admin/dashboard",
            "/vault/safe",
            "/recall",
        ] {
            let answer = alice.open(page).await;
            assert_eq!(answer.status, 200, "{page}");
            is_for_who_asked(&answer, "private");
            tale.tell(page, &answer);
        }
        is_for_who_asked(&alice.post("/remember").await, "no-store");
        is_for_who_asked(&alice.post("/greet").await, "private");
        // What another argument, a middleware, or a policy refuses.
        for (page, of_caches) in [("/admin/broken", "private"), ("/late", "private")] {
            let answer = alice.open(page).await;
            is_for_who_asked(&answer, of_caches);
            tale.tell(page, &answer);
        }
        let mut bob = peer.browser_of("bob").await;
        for answer in [
            bob.open("/admin/dashboard").await,
            bob.post("/owned").await,
            bob.own_post("/greet")
                .header("origin", "null")
                .header("sec-fetch-site", "cross-site")
                .send()
                .await,
        ] {
            assert_eq!(answer.status, 403);
            is_for_who_asked(&answer, "no-store");
            tale.tell("bob", &answer);
        }
        let mut stranger = peer.browser();
        for page in ["/dashboard", "/vault/safe"] {
            for answer in [stranger.open(page).await, stranger.fetch(page).await] {
                assert_ne!(answer.status, 200);
                is_for_who_asked(&answer, "no-store");
                tale.tell(page, &answer);
            }
        }
        is_for_who_asked(&stranger.open("/").await, "private");
        // Where nobody asks who it is, nothing is said.
        let open = alice.open("/open").await;
        for name in [header::VARY, header::CACHE_CONTROL] {
            assert_eq!(open.header(name), None);
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_handler_says_of_caches_stays_unless_there_is_a_cookie() {
    let tale = alike(async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        let answer = alice.open("/cached").await;
        assert_eq!(all(&answer, &header::CACHE_CONTROL), ["max-age=60"]);
        assert_eq!(all(&answer, &header::VARY), ["Accept-Encoding", "Cookie"]);
        tale.tell("cached", &answer);
        peer.pass(NEARLY);
        let answer = alice.open("/cached").await;
        assert!(answer.makes_a_session());
        assert_eq!(all(&answer, &header::CACHE_CONTROL), ["no-store"]);
        assert_eq!(all(&answer, &header::VARY), ["Accept-Encoding", "Cookie"]);
        tale.tell("refreshed", &answer);
    })
    .await;
    assert_eq!(tale.len(), 2);
}

#[track_caller]
fn is_hardened(answer: &Answer) {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        assert_eq!(all(answer, &name), [value], "{answer:#?}");
    }
}

#[tokio::test]
async fn the_endpoints_answers_are_not_kept_told_of_or_guessed_at() {
    async fn story(peer: &Peer, tale: &mut Tale) {
        let mut browser = peer.browser();
        let guarded = browser.open("/dashboard").await;
        let journey = browser.sign_in("alice", None).await;
        let mut answers = vec![guarded, journey.started, journey.callback];
        for path in ENDPOINTS {
            answers.push(browser.open(path).await);
            answers.push(browser.own_post(path).json().send().await);
        }
        for answer in &answers {
            is_hardened(answer);
            tale.tell(answer.url.path(), answer);
        }
    }
    alike(story).await;
    for spec in [explained::auth::SPEC, &AN_API_TOO] {
        let setup = Setup {
            spec,
            ..Setup::default()
        };
        alike_in(setup, async |peer, tale| {
            story(peer, tale).await;
            let metadata = peer
                .browser()
                .open("/.well-known/oauth-protected-resource")
                .await;
            if parts(spec).bearer.is_some() {
                is_hardened(&metadata);
            }
        })
        .await;
    }
}

/// An app with pages of its own for errors.
mod explained {
    use super::*;

    fn explain(error: &Error, _: &http::request::Parts) -> Option<Response> {
        let mut response = Response::new(format!("<h1>{error}</h1>").into());
        let headers = response.headers_mut();
        headers.insert(
            header::REFERRER_POLICY,
            header::HeaderValue::from_static("unsafe-url"),
        );
        headers.insert(
            header::CACHE_CONTROL,
            header::HeaderValue::from_static("public"),
        );
        Some(response)
    }

    #[authsafe::routes(on_error = explain)]
    pub(crate) mod auth {}
}

#[tokio::test]
async fn people_sign_out() {
    let tale = alike(async |peer, tale| {
        let mut form = peer.browser_of("alice").await;
        let visit = form.own_post(LOGOUT);
        let visit = visit.body("application/x-www-form-urlencoded", "a=b&c=d");
        tale.tell("form", &visit.send().await);
        tale.tell("again", &form.post(LOGOUT).await);
        tale.tell("after", &form.fetch("/me").await);

        let mut fetch = peer.browser_of("alice").await;
        let visit = fetch.own_post(LOGOUT).json();
        let visit = visit.body("application/json", "{}");
        tale.tell("JSON", &visit.send().await);

        let mut foreign = peer.browser_of("alice").await;
        let visit = foreign.own_post(LOGOUT);
        let visit = visit.header("origin", "https://evil.example");
        let visit = visit.header("sec-fetch-site", "cross-site");
        tale.tell("foreign", &visit.send().await);
        tale.tell("still here", &foreign.fetch("/me").await);

        let target = format!("{LOGOUT}?returnTo=%2Fopen");
        tale.tell("to a page", &foreign.post(&target).await);
    })
    .await;
    for answer in [
        "form: 303",
        "again: 303",
        "JSON: 200",
        "foreign: 403",
        "still here: 200",
    ] {
        has(&tale, answer);
    }
}

#[tokio::test]
async fn sessions_are_refreshed_when_asked() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser_of("bob").await;
        peer.pass(Duration::from_secs(60));
        tale.tell("refresh", &browser.post(REFRESH).await);
        tale.tell("after", &browser.fetch("/dashboard").await);
        peer.provider
            .answer_next(Endpoint::Token, StatusCode::SERVICE_UNAVAILABLE, "later");
        tale.tell("away", &browser.post(REFRESH).await);
        let refused = r#"{"error":"invalid_grant"}"#;
        peer.provider
            .answer_next(Endpoint::Token, StatusCode::BAD_REQUEST, refused);
        tale.tell("ended", &browser.post(REFRESH).await);
        tale.tell("nobody", &browser.post(REFRESH).await);
    })
    .await;
    for answer in ["refresh: 200", "away: 503", "ended: 401", "nobody: 401"] {
        has(&tale, answer);
    }
}

/// Just before the access token ends.
const NEARLY: Duration = Duration::from_secs(3590);

#[tokio::test]
async fn sessions_are_refreshed_on_the_way_to_a_handler() {
    let tale = alike(async |peer, tale| {
        for page in ["/", "/dashboard", "/admin/dashboard", "/recall"] {
            for user in ["alice", "bob"] {
                let mut browser = peer.browser_of(user).await;
                peer.pass(NEARLY);
                tale.tell("open", &browser.open("/open").await);
                tale.tell(page, &browser.open(page).await);
                tale.tell("after", &browser.open(page).await);
            }
        }
        let mut browser = peer.browser_of("bob").await;
        peer.pass(NEARLY);
        let visit = browser.own_post("/admin/upload");
        tale.tell("upload", &visit.body("text/plain", "abc").send().await);
    })
    .await;
    assert!(
        tale.iter()
            .filter(|it| it.contains("authsafe=SEALED"))
            .count()
            >= 9,
        "{tale:#?}"
    );
}

#[tokio::test]
async fn a_provider_that_fails_at_a_refresh_fails_alike() {
    let tale = alike(async |peer, tale| {
        let refused = r#"{"error":"invalid_grant"}"#;
        for (what, status, body) in [
            ("good still", StatusCode::SERVICE_UNAVAILABLE, "later"),
            ("ended", StatusCode::BAD_REQUEST, refused),
        ] {
            let mut browser = peer.browser_of("bob").await;
            peer.pass(NEARLY);
            peer.provider.answer_next(Endpoint::Token, status, body);
            tale.tell(what, &browser.open("/dashboard").await);
            tale.tell("then", &browser.fetch("/dashboard").await);
        }
        let mut browser = peer.browser_of("bob").await;
        peer.pass(Duration::from_secs(3595));
        let away = StatusCode::SERVICE_UNAVAILABLE;
        peer.provider.answer_next(Endpoint::Token, away, "later");
        tale.tell("soon over", &browser.open("/dashboard").await);
    })
    .await;
    for answer in ["good still: 200", "ended: 303", "then: 401"] {
        has(&tale, answer);
    }
}

#[tokio::test]
async fn the_guard_decides_before_the_body_is_read() {
    let tale = alike(async |peer, tale| {
        for user in [None, Some("bob"), Some("alice")] {
            let mut browser = match user {
                Some(user) => peer.browser_of(user).await,
                None => peer.browser(),
            };
            let visit = browser.own_post("/admin/upload");
            let visit = visit.body("text/plain", "some text");
            tale.tell("upload", &visit.send().await);
        }
    })
    .await;
    assert_eq!(tale.len(), 3);
    has(&tale[..1], "upload: 401");
    has(&tale[1..], "upload: 403");
    has(&tale[2..], "upload: 200");
}

#[tokio::test]
async fn the_guard_decides_before_another_argument_fails() {
    let tale = alike(async |peer, tale| {
        tale.tell("signed out", &peer.browser().open("/admin/broken").await);
        for user in ["bob", "alice"] {
            let mut browser = peer.browser_of(user).await;
            tale.tell(user, &browser.open("/admin/broken").await);
            // While the guard waits for the provider, the other one has failed already.
            peer.pass(NEARLY);
            tale.tell(user, &browser.open("/admin/broken").await);
        }
    })
    .await;
    assert_eq!(tale.len(), 5);
    has(&tale[..1], "signed out: 303");
    has(&tale[2..3], "bob: 403");
    has(&tale[4..], "alice: 400");
    assert!(tale[2].contains("SEALED") && tale[4].contains("SEALED"));
}

#[tokio::test]
async fn a_policy_of_the_apps_own_decides() {
    let tale = alike(async |peer, tale| {
        let mut stranger = peer.browser();
        tale.tell("POST", &stranger.post("/owned").await);
        tale.tell("lost", &stranger.post("/owned/lost").await);
        tale.tell("witnessed", &stranger.open("/witnessed").await);
        for user in ["bob", "alice"] {
            let mut browser = peer.browser_of(user).await;
            tale.tell(user, &browser.post("/owned").await);
            tale.tell("lost", &browser.post("/owned/lost").await);
            tale.tell("broken", &browser.open("/owned/broken").await);
            tale.tell("witnessed", &browser.open("/witnessed").await);
            peer.pass(Duration::from_secs(310));
            tale.tell("later", &browser.open("/witnessed").await);
        }
    })
    .await;
    let (strangers, rest) = tale.split_at(3);
    let (bobs, alices) = rest.split_at(5);
    for (tale, expected) in [
        (
            strangers,
            ["POST: 401", "lost: 401", "witnessed: 303", "", ""],
        ),
        (
            bobs,
            [
                "bob: 403",
                "lost: 503",
                "broken: 403",
                "witnessed: 403",
                "later: 403",
            ],
        ),
        (
            alices,
            [
                "alice: 200",
                "lost: 503",
                "broken: 400",
                "witnessed: 200",
                "later: 303",
            ],
        ),
    ] {
        for (told, expected) in tale.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_fails_after_a_refresh_brings_the_new_session() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser_of("bob").await;
        tale.tell("late", &browser.open("/late").await);
        peer.pass(NEARLY);
        tale.tell("late", &browser.open("/late").await);
        tale.tell("after", &browser.open("/dashboard").await);
    })
    .await;
    assert!(tale[1].starts_with("late: 502") && tale[1].contains("SEALED"));
}

#[tokio::test]
async fn what_a_handler_keeps_in_the_session_is_there_next_time() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser_of("bob").await;
        tale.tell("before", &browser.open("/recall").await);
        tale.tell("remember", &browser.post("/remember").await);
        tale.tell("after", &browser.open("/recall").await);
        peer.pass(NEARLY);
        tale.tell("refreshed", &browser.post("/remember").await);
        tale.tell("signed out", &peer.browser().post("/remember").await);
    })
    .await;
    assert!(tale[2].contains("green"), "{tale:#?}");
}

#[tokio::test]
async fn callbacks_are_refused_in_the_same_words() {
    let tale = alike(async |peer, tale| {
        let mut browser = peer.browser();
        for query in ["", "?state=none&code=a", "?state=%00", "?code=a&code=b"] {
            let target = format!("{CALLBACK}{query}");
            tale.tell(&target, &browser.open(&target).await);
        }
        let started = browser.start(None).await;
        let state = param(&started.next(), "state").unwrap();
        let issuer = peer.provider.issuer();
        let denied = format!("{CALLBACK}?error=access_denied&state={state}&iss={issuer}");
        tale.tell("denied", &browser.fetch(&denied).await);
        let chosen = browser
            .choose("bob", &browser.clone().start(None).await)
            .await;
        let mut another = peer.browser();
        let callback = chosen.next();
        tale.tell("its script", &another.fetch(callback.as_str()).await);
        tale.tell("another browser", &another.open(callback.as_str()).await);
        assert_eq!(another.user().await, None);
        for _ in 0..7 {
            tale.tell("start", &browser.start(Some("/me")).await);
        }
    })
    .await;
    has(&tale, "denied: 403");
    has(&tale, "its script: 400");
    has(&tale, "another browser: 303");
}

#[tokio::test]
async fn an_app_without_settings_says_so() {
    let setup = Setup {
        configured: false,
        ..Setup::default()
    };
    let tale = alike_in(setup, async |peer, tale| {
        let mut browser = peer.browser();
        for path in ENDPOINTS {
            tale.tell(path, &browser.open(path).await);
            tale.tell(path, &browser.post(path).await);
        }
        for page in ["/", "/open", "/dashboard", "/admin/dashboard"] {
            tale.tell(page, &browser.open(page).await);
            tale.tell(page, &browser.fetch(page).await);
        }
    })
    .await;
    has(&tale, "/api/auth/signin: 503");
    has(&tale, "/dashboard: 503");
    has(&tale, "/: 200");
}

#[tokio::test]
async fn without_the_layer_nobody_gets_in() {
    let setup = Setup {
        layered: false,
        ..Setup::default()
    };
    let tale = alike_in(setup, async |peer, tale| {
        for mut browser in [peer.browser(), peer.browser_of("alice").await] {
            for page in ["/", "/open", "/dashboard", "/admin/dashboard", "/recall"] {
                tale.tell(page, &browser.open(page).await);
            }
            tale.tell("upload", &browser.post("/admin/upload").await);
            tale.tell("remember", &browser.post("/remember").await);
        }
    })
    .await;
    has(&tale, "/: 500");
    has(&tale, "/dashboard: 500");
    has(&tale, "/open: 200");
}

mod witnessed {
    use super::*;

    pub(crate) static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn witness(event: &Event<'_>) {
        let who = match event {
            Event::SignedIn { session, .. }
            | Event::Refreshed { session, .. }
            | Event::SignedOut { session, .. } => session.user().id(),
            Event::Refused { error, .. } => error.code(),
            _ => "",
        };
        let what = format!("{event:?}");
        let what = what.split([' ', '(']).next().unwrap();
        SEEN.lock().unwrap().push(format!("{what} {who}"));
    }

    /// What the hook gets to see of a request.
    fn explain(error: &Error, request: &http::request::Parts) -> Option<Response> {
        let asked = format!(
            "{} {} {:?} {:?}",
            request.method,
            request.uri,
            request.version,
            request.headers.get(header::ACCEPT)
        );
        let mut response = Response::new(format!("{error}: {asked}").into());
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        for value in ["one", "two"] {
            let value = header::HeaderValue::from_static(value);
            response.headers_mut().append("x-own", value);
        }
        Some(response)
    }

    #[authsafe::routes(
        scopes("openid", "offline_access", "admin"),
        on_event = witness,
        on_error = explain,
    )]
    pub(crate) mod auth {}
}

#[tokio::test]
async fn hooks_see_the_same() {
    async fn story(peer: &Peer, tale: &mut Tale) {
        witnessed::SEEN.lock().unwrap().clear();
        let mut browser = peer.browser();
        tale.tell("fetch", &browser.fetch("/me?a=b").await);
        tale.tell("home", &browser.open("/").await);
        tale.tell("method", &browser.post(SIGN_IN).await);
        tale.tell("callback", &browser.open(CALLBACK).await);
        tale.tell(
            "signed in",
            &browser.sign_in("bob", Some("/me")).await.callback,
        );
        tale.tell("forbidden", &browser.open("/admin/dashboard").await);
        peer.pass(NEARLY);
        tale.tell("forbidden", &browser.open("/admin/dashboard").await);
        tale.tell("logout", &browser.post(LOGOUT).await);
        tale.tell("logout", &browser.post(LOGOUT).await);
        tale.note(&witnessed::SEEN.lock().unwrap().join("\n"));
    }
    let setup = Setup {
        spec: witnessed::auth::SPEC,
        ..Setup::default()
    };
    let tale = alike_in(setup, story).await;
    has(&tale, "forbidden: 418");
    assert_eq!(
        tale.last().unwrap().lines().collect::<Vec<_>>(),
        [
            "Refused unauthenticated",
            "Refused method_not_allowed",
            "Refused unknown_state",
            "SignInStarted ",
            "SignedIn authsafe|bob",
            "Refused forbidden",
            "Refreshed authsafe|bob",
            "Refused forbidden",
            "SignedOut authsafe|bob",
        ]
    );
}

// Bearer tokens

const API: &str = "https://api.example.com";

static AN_API_TOO: Spec = spec(SpecParts {
    bearer: Some(BearerSpec::new(Setting::Literal(API))),
    ..*parts(authsafe_tests::auth::SPEC)
});

async fn told_of_bearers(story: impl AsyncFn(&Peer, &mut Tale)) -> Vec<String> {
    let setup = Setup {
        spec: &AN_API_TOO,
        ..Setup::default()
    };
    alike_in(setup, story).await
}

#[tokio::test]
async fn an_access_token_opens_what_it_grants() {
    let tale = told_of_bearers(async |peer, tale| {
        // Tokens last an hour by the provider's clock, which may be a second ahead of the app's.
        for opaque in [false, true] {
            peer.provider.set_opaque_access_tokens(opaque);
            for (user, scopes) in [("alice", &["admin"][..]), ("bob", &["read"])] {
                let token = peer.provider.access_token(user, API, scopes).unwrap();
                let bearer = format!("Bearer {token}");
                let mut client = peer.browser();
                for page in ["/", "/dashboard", "/admin/dashboard", "/open", "/recall"] {
                    for method in [Method::GET, Method::HEAD] {
                        let visit = client.visit(method.clone(), page);
                        let answer = visit.header("authorization", &bearer).send().await;
                        tale.tell(&format!("{user} {method} {page}"), &answer);
                    }
                }
                for page in ["/admin/upload", "/remember"] {
                    let visit = client.visit(Method::POST, page);
                    let answer = visit.header("authorization", &bearer).send().await;
                    tale.tell(&format!("{user} POST {page}"), &answer);
                }
            }
        }
    })
    .await;
    has(&tale, "alice GET /admin/dashboard: 200");
    has(&tale, "bob GET /admin/dashboard: 403");
    has(&tale, "alice POST /admin/upload: 200");
    has(&tale, "alice POST /remember: 403");
}

#[tokio::test]
async fn a_token_that_is_no_good_is_refused_whatever_the_cookie() {
    let tale = told_of_bearers(async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        let other = peer.provider.access_token("alice", "other", &["admin"]);
        let other = format!("Bearer {}", other.unwrap());
        for (what, header) in [
            ("another audience", other.as_str()),
            ("no JWT", "Bearer eyJ.eyJ.AA"),
            ("made up", "bearer made-up"),
            ("nothing", "Bearer"),
            ("two words", "Bearer a b"),
        ] {
            for page in ["/", "/dashboard", "/admin/dashboard", "/open"] {
                let visit = alice.visit(Method::GET, page);
                let answer = visit.header("authorization", header).send().await;
                tale.tell(&format!("{what} {page}"), &answer);
            }
        }
        let visit = alice.visit(Method::GET, "/dashboard");
        let basic = visit.header("authorization", "Basic dTpw").send().await;
        tale.tell("basic", &basic);
        let two = [("authorization", "Bearer a"), ("authorization", "Bearer a")];
        tale.tell("two", &peer.say("GET /dashboard HTTP/1.1", &two).await);
        tale.tell("none", &peer.browser().fetch("/dashboard").await);
        for status in [401, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            peer.provider
                .answer_next(Endpoint::Introspect, status, "{}");
            let visit = alice.visit(Method::GET, "/dashboard");
            let answer = visit.header("authorization", "Bearer down").send().await;
            tale.tell("down", &answer);
        }
    })
    .await;
    has(&tale, "made up /dashboard: 401");
    has(&tale, "two words /dashboard: 400");
    has(&tale, "basic: 200");
    has(&tale, "two: 400");
    has(&tale, "none: 401");
    has(&tale, "down: 503");
}

#[tokio::test]
async fn what_the_provider_calls_otherwise_is_no_access_token() {
    let tale = told_of_bearers(async |peer, tale| {
        let provider = &peer.provider;
        let show = async |tale: &mut Tale, what: &str| {
            let token = provider.access_token("alice", API, &["admin"]).unwrap();
            let bearer = format!("Bearer {token}");
            let mut client = peer.browser();
            let visit = client.visit(Method::GET, "/admin/dashboard");
            tale.tell(what, &visit.header("authorization", &bearer).send().await);
        };
        let set = |name: &'static str, value: Value| {
            move |object: &mut Map<String, Value>| drop(object.insert(name.into(), value.clone()))
        };
        for typ in [
            "refresh+jwt",
            "rt+jwt",
            "id_token",
            "token-introspection+jwt",
        ] {
            provider.tamper_access_token_header(set("typ", json!(typ)));
            show(tale, "header").await;
            provider.stop_tampering();
        }
        let words = [("token_use", "refresh"), ("typ", "ID"), ("type", "refresh")];
        for (name, word) in words {
            provider.tamper_access_token(set(name, json!(word)));
            show(tale, "claim").await;
        }
        provider.stop_tampering();
        provider.set_opaque_access_tokens(true);
        for (name, word) in words {
            provider.tamper_introspection(set(name, json!(word)));
            show(tale, "introspected").await;
        }
        provider.tamper_introspection(set("token_type", json!("refresh_token")));
        show(tale, "introspected").await;
        provider.stop_tampering();
        show(tale, "good").await;
    })
    .await;
    let refused = tale.iter().filter(|it| it.contains("invalid_token"));
    assert_eq!(refused.count(), 4 + 3 + 4, "{tale:#?}");
    has(&tale, "good: 200");
}

/// The provider knows refresh tokens too, and says of each that it is a good Bearer for this API.
#[tokio::test]
async fn the_apps_own_refresh_tokens_open_nothing_whatever_the_provider_says() {
    let tale = told_of_bearers(async |peer, tale| {
        let held = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&held);
        peer.provider.tamper_token_response(move |answer| {
            let token = answer["refresh_token"].as_str().unwrap().to_owned();
            hears.lock().unwrap().push(token);
        });
        peer.provider.tamper_introspection(|answer| {
            answer.insert("token_type".to_owned(), json!("Bearer"));
            answer.insert("aud".to_owned(), json!(API));
        });
        let show = async |tale: &mut Tale, at: usize| {
            let token = held.lock().unwrap()[at].clone();
            for token in [token.clone(), format!("{token}=")] {
                let mut client = peer.browser();
                let visit = client.visit(Method::GET, "/admin/dashboard");
                let bearer = format!("Bearer {token}");
                tale.tell(
                    "refresh",
                    &visit.header("authorization", &bearer).send().await,
                );
            }
        };
        let mut alice = peer.browser_of("alice").await;
        show(tale, 0).await;
        alice.post("/api/auth/refresh").await;
        show(tale, 0).await;
        show(tale, 1).await;
        alice.post("/api/auth/logout").await;
        show(tale, 1).await;
        assert_eq!(peer.provider.calls(Endpoint::Introspect), 0);
    })
    .await;
    let refused = tale.iter().filter(|it| it.contains("invalid_token"));
    assert_eq!(refused.count(), 8, "{tale:#?}");
}

#[tokio::test]
async fn the_metadata_of_the_api_is_at_its_well_known_path() {
    let tale = told_of_bearers(async |peer, tale| {
        let path = "/.well-known/oauth-protected-resource";
        let mut client = peer.browser();
        for method in [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS] {
            let answer = client.visit(method.clone(), path).send().await;
            tale.tell(method.as_str(), &answer);
        }
        tale.tell("below", &client.open(&format!("{path}/x")).await);
    })
    .await;
    has(&tale, "GET: 200");
    has(&tale, "HEAD: 200");
    has(&tale, "below: 404");
}

mod audited {
    use super::*;

    pub(crate) static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn witness(event: &Event<'_>) {
        let told = event.occasion().unwrap();
        let what = format!("{event:?}");
        let what = what.split(' ').next().unwrap();
        let (method, path) = (told.method.unwrap(), told.path.unwrap());
        let (client, is_timed) = (told.client.is_some(), told.at > 1_000_000_000);
        SEEN.lock()
            .unwrap()
            .push(format!("{what} {method} {path} {client} {is_timed}"));
    }

    #[authsafe::routes(
        scopes("openid", "profile", "offline_access", "admin"),
        protect("/open" => scope("admin")),
        on_event = witness
    )]
    pub(crate) mod auth {}
}

#[tokio::test]
async fn each_event_says_when_and_by_which_request_it_came() {
    let setup = Setup {
        spec: audited::auth::SPEC,
        ..Setup::default()
    };
    alike_in(setup, async |peer, tale| {
        let mut bob = peer.browser();
        let journey = bob.sign_in("bob", Some("/me?q=s3cr3t")).await;
        bob.open(journey.chosen.next().as_str()).await;
        bob.fetch("/admin/dashboard?q=s3cr3t").await;
        bob.fetch("/open?q=s3cr3t").await;
        bob.post("/api/auth/refresh?q=s3cr3t").await;
        peer.pass(Duration::from_secs(3590));
        bob.fetch("/me?q=s3cr3t").await;
        bob.post("/api/auth/logout?q=s3cr3t").await;
        let seen = core::mem::take(&mut *audited::SEEN.lock().unwrap());
        assert_eq!(
            seen,
            [
                "SignInStarted GET /api/auth/signin true true",
                "SignedIn GET /api/auth/callback true true",
                "CallbackLedOn GET /api/auth/callback true true",
                "Refused GET /admin/dashboard true true",
                "Refused GET /open true true",
                "Refreshed POST /api/auth/refresh true true",
                "Refreshed GET /me true true",
                "SignedOut POST /api/auth/logout true true",
            ],
            "{:?}",
            peer.framework
        );
        tale.note("seen");
    })
    .await;
}
