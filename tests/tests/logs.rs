//! What the log says, and what it never says: what is secret is in sealed cookies, and between us
//! and the provider, and nowhere else.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::LazyLock;
use std::time::Duration;

use authsafe::dev::Endpoint;
use authsafe_tests::{
    Answer, CLIENT_SECRET, COOKIE_SECRET, Logs, Spy, Stage, demo_provider, eventually, reserve_port,
};
use http::{StatusCode, header};
use serde_json::json;

/// All that was said in a story of Alice's, with what went wrong in it.
struct Story {
    answers: Vec<Answer>,
    /// Never in an answer, nor in the log.
    tokens: Vec<(&'static str, String)>,
    /// Never in the log.
    secrets: Vec<(&'static str, String)>,
}

async fn story() -> Story {
    let provider = demo_provider().start().await.unwrap();
    let spy = Spy::on(&provider);
    let stage = Stage::builder().provider(provider).start().await;
    let mut browser = stage.browser();
    let mut answers = Vec::new();
    let mut secrets = vec![
        ("client secret", CLIENT_SECRET.to_owned()),
        ("cookie secret", COOKIE_SECRET.to_owned()),
    ];

    // A good sign-in, and pages.
    answers.push(browser.open("/admin/dashboard").await);
    let journey = browser.sign_in("alice", Some("/me")).await;
    let callback = journey.chosen.next();
    answers.extend(journey.answers().cloned());
    answers.push(browser.fetch("/me").await);
    answers.push(browser.open("/").await);
    // A replay, a stranger's callback, a refusal.
    answers.push(browser.open(callback.as_str()).await);
    let mut other = stage.browser();
    let refused = other.start(None).await;
    let cancelled = format!("{}&cancel=1", refused.location());
    let cancelled = other.open(&cancelled).await;
    answers.push(other.open(cancelled.next().as_str()).await);
    answers.push(refused);
    // Tokens that are not what they should be.
    stage.provider.set_corrupt_signatures(true);
    answers.extend(other.sign_in("alice", None).await.answers().cloned());
    stage.provider.stop_tampering();
    stage
        .provider
        .tamper_id_token(|claims| drop(claims.insert("nonce".into(), json!("x"))));
    answers.extend(other.sign_in("alice", None).await.answers().cloned());
    stage.provider.stop_tampering();
    // Each leaves a refresh token behind.
    eventually("the revocations of what was dropped", || {
        stage.provider.calls(Endpoint::Revoke) == 2
    })
    .await;
    // Refreshes, good and bad.
    answers.push(browser.post("/api/auth/refresh").await);
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    stage
        .provider
        .answer_next(Endpoint::Token, failed, r#"{"error":"server_error"}"#);
    answers.push(browser.post("/api/auth/refresh").await);
    // A cookie that was changed.
    let good = browser.cookie("authsafe").unwrap();
    other.inject("authsafe", "/", &good[..good.len() - 4]);
    answers.push(other.open("/me").await);
    answers.push(other.post("/api/auth/refresh").await);
    // A logout, and its revocation.
    stage
        .provider
        .answer_next(Endpoint::Revoke, StatusCode::SERVICE_UNAVAILABLE, "{}");
    let mut thief = browser.clone();
    answers.push(browser.post("/api/auth/logout").await);
    answers.push(thief.open("/me").await);
    answers.extend(browser.sign_in("alice", None).await.answers().cloned());
    let logout = browser.own_post("/api/auth/logout").json();
    answers.push(logout.send().await);
    eventually("both revocations", || {
        stage.provider.calls(Endpoint::Revoke) == 4
    })
    .await;
    eventually("a word on the one that failed", || {
        LOGS.text().contains("not revoked")
    })
    .await;
    stage.pass(Duration::from_secs(7200));
    answers.push(thief.open("/me").await);
    stage.provider.revoke_all();

    let mut tokens = Vec::new();
    for exchange in spy.heard() {
        for name in ["code", "code_verifier", "client_secret"] {
            let value = exchange.request.get(name).cloned();
            secrets.extend(value.map(|value| (name, value)));
        }
        for name in ["access_token", "refresh_token", "id_token"] {
            let value = exchange.answer.get(name).and_then(|it| it.as_str());
            tokens.extend(value.map(|value| (name, value.to_owned())));
        }
    }
    for answer in &answers {
        for cookie in answer.set_cookies() {
            secrets.push(("cookie", cookie.value().to_owned()));
        }
        let location = answer.header(header::LOCATION).unwrap_or_default();
        if let Ok(url) = answer.url.join(location) {
            for (name, value) in url.query_pairs() {
                match &*name {
                    "state" => secrets.push(("state", value.into_owned())),
                    "nonce" => secrets.push(("nonce", value.into_owned())),
                    "code" => secrets.push(("code", value.into_owned())),
                    _ => {}
                }
            }
        }
    }
    secrets.retain(|(_, value)| !value.is_empty());
    Story {
        answers,
        tokens,
        secrets,
    }
}

static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

#[tokio::test]
async fn nothing_secret_is_logged_and_no_token_is_answered() {
    LazyLock::force(&LOGS);
    let Story {
        answers,
        tokens,
        secrets,
    } = story().await;

    // The story was what it should have been.
    let kinds = |of: &[(&'static str, String)]| {
        let mut kinds: Vec<_> = of.iter().map(|(kind, _)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    };
    assert_eq!(
        kinds(&tokens),
        ["access_token", "id_token", "refresh_token"]
    );
    assert_eq!(
        kinds(&secrets),
        [
            "client secret",
            "client_secret",
            "code",
            "code_verifier",
            "cookie",
            "cookie secret",
            "nonce",
            "state"
        ]
    );
    let log = LOGS.text();
    for said in [
        "the ID token was refused",
        "the session was not refreshed",
        "refused",
        "TRACE",
    ] {
        assert!(log.contains(said), "the log lacks `{said}`:\n{log}");
    }

    for (kind, value) in tokens.iter().chain(&secrets) {
        assert!(
            !log.contains(value.as_str()),
            "the log holds a {kind}:\n{log}"
        );
    }
    for answer in &answers {
        for (kind, token) in &tokens {
            // RP-initiated logout §2 wants the ID token as a hint, and nothing else.
            let hint = answer.url.path() == "/api/auth/logout" && *kind == "id_token";
            for (name, value) in &answer.headers {
                let text = value.to_str().unwrap();
                let hint = hint && name == header::LOCATION;
                assert!(
                    hint || !text.contains(token.as_str()),
                    "{kind} in {name} of {}",
                    answer.url
                );
            }
            assert!(
                hint || !answer.body.contains(token.as_str()),
                "{kind} in the body of {}",
                answer.url
            );
        }
    }
}

#[tokio::test]
async fn sessions_that_contradict_one_another_are_logged() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let planted = stage.browser_of("bob").await.cookie("authsafe").unwrap();
    let mut alice = stage.browser_of("alice").await;
    alice.inject("authsafe", "/me", &planted);
    assert_eq!(alice.user().await, None);
    let log = LOGS.text();
    let mut lines = log.lines();
    let warning = lines.find(|line| line.contains("session cookies of several sessions"));
    assert!(warning.is_some_and(|line| line.contains("WARN")), "{log}");
    assert!(!log.contains(&planted));
}

#[tokio::test]
async fn a_page_of_another_origin_is_logged_with_both_origins_and_no_more_of_it() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let visit = alice.own_post("/api/auth/logout").without("sec-fetch-site");
    let visit = visit.without("origin");
    let page = "https://evil.example/reset?code=s3cr3t-c0de";
    let answer = visit.header("referer", page).send().await;
    answer.refuses(403, "foreign_origin", "Cross-site request refused");
    let log = LOGS.text();
    let mut lines = log.lines();
    let line = lines.find(|line| line.contains("asked_by=\"https://evil.example\""));
    let line = line.expect(&log);
    assert!(line.contains("WARN") && line.contains(&format!("app=\"{}\"", stage.url)));
    assert!(line.contains("write `cross_origin = allow("), "{line}");
    assert!(!log.contains("s3cr3t-c0de"));
}

#[tokio::test]
async fn a_scope_that_is_not_granted_is_named_once() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    stage.browser_of("bob").await;
    stage.browser_of("bob").await;
    let log = LOGS.text();
    let of_scopes = |it: &&str| it.contains("did not grant somebody a scope");
    let mut lines = log.lines().filter(of_scopes);
    let line = lines.next().expect(&log);
    assert!(
        line.contains("WARN") && line.contains("scope=\"admin\""),
        "{line}"
    );
}

#[tokio::test]
async fn a_refusal_says_what_was_asked_for_and_what_the_session_has_of_it() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let mut bob = stage.browser_of("bob").await;
    assert_eq!(
        bob.fetch("/admin/dashboard?q=s3cr3t-query").await.status,
        403
    );
    assert_eq!(
        stage.browser().fetch("/me?q=s3cr3t-query").await.status,
        401
    );
    let late = stage
        .browser()
        .fetch("/api/auth/callback?code=s3cr3t-query")
        .await;
    assert_eq!(late.status, 400);
    let log = LOGS.text();
    let line = |code: &str| {
        let code = format!("code=\"{code}\"");
        let mut lines = log
            .lines()
            .filter(|it| it.contains(" refused ") && it.contains(&code));
        lines.next().expect(&log)
    };
    for (code, parts) in [
        (
            "forbidden",
            &[
                "INFO",
                "method=GET",
                "path=\"/admin/dashboard\"",
                r#"asked="scope(\"admin\")""#,
                "has=\"scopes(openid",
                "user=\"authsafe|bob\"",
            ][..],
        ),
        (
            "unauthenticated",
            &["INFO", "path=\"/me\"", "asked=\"auth\""],
        ),
        ("unknown_state", &["INFO", "path=\"/api/auth/callback\""]),
    ] {
        for part in parts {
            assert!(line(code).contains(part), "{part}: {}", line(code));
        }
    }
    assert!(!log.contains("s3cr3t-query"));
}

#[tokio::test]
async fn a_missing_layer_is_logged_with_what_to_add() {
    LazyLock::force(&LOGS);
    let stage = Stage::builder().without_layer().start().await;
    assert_eq!(stage.browser().open("/dashboard").await.status, 500);
    assert!(
        LOGS.text()
            .contains("add `.layer(auth.layer())` to the router")
    );
}

#[tokio::test]
async fn an_app_that_starts_while_the_provider_is_away_warns() {
    LazyLock::force(&LOGS);
    let (address, _reserved) = reserve_port();
    let domain = format!("http://{address}");
    Stage::builder()
        .var("AUTHSAFE_DOMAIN", &domain)
        .start()
        .await;
    let log = LOGS.text();
    let warns = |of: &str| {
        let mut lines = log.lines();
        lines.any(|line| line.contains("WARN") && line.contains(&domain) && line.contains(of))
    };
    assert!(warns("answers 503"), "{log}");
    // And why.
    assert!(warns("Connection refused"), "{log}");
    assert!(warns("/.well-known/openid-configuration"), "{log}");
}

#[tokio::test]
async fn a_redis_that_is_not_there_at_the_start_is_one_warning_that_says_what_to_write() {
    mod shared {
        #[authsafe::routes(shared_state(redis = env("REDIS_AT_THE_START")))]
        pub(super) mod auth {}
    }
    LazyLock::force(&LOGS);
    let (address, _reserved) = reserve_port();
    let url = format!("redis://:s3cr3t-redis@{address}");
    let stage = Stage::builder()
        .spec(shared::auth::SPEC)
        .var("REDIS_AT_THE_START", &url)
        .start()
        .await;
    assert!(stage.auth.is_configured());
    let log = LOGS.text();
    let lines: Vec<_> = log
        .lines()
        .filter(|it| it.contains("REDIS_AT_THE_START"))
        .collect();
    let [line] = lines[..] else {
        panic!("{lines:?}")
    };
    for part in [
        "WARN",
        "setting=\"shared_state(redis)\"",
        "connection refused",
        "write the URL",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!log.contains("s3cr3t-redis"));
}

#[tokio::test]
async fn each_endpoint_is_a_span_of_a_name_that_stays() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    alice.post("/api/auth/refresh").await;
    alice.post("/api/auth/logout").await;
    let log = LOGS.text();
    for (name, status) in [
        ("sign_in", 303),
        ("callback", 303),
        ("refresh", 200),
        ("logout", 303),
    ] {
        let span = format!("authsafe.{name}{{status={status}}}");
        assert!(log.contains(&span), "{span}");
    }
}

#[tokio::test]
async fn an_app_without_a_configuration_logs_what_is_missing() {
    mod nowhere {
        #[authsafe::routes(client_id = env("AUTHSAFE_TESTS_THAT_NOBODY_SETS"))]
        pub(super) mod auth {}
    }
    LazyLock::force(&LOGS);
    nowhere::auth::from_env_or_unconfigured().await;
    let log = LOGS.text();
    assert!(
        log.contains("AUTHSAFE_TESTS_THAT_NOBODY_SETS (client_id) is missing"),
        "{log}"
    );
    assert!(log.contains("sign-in is switched off"), "{log}");
}

#[tokio::test]
async fn a_provider_that_refuses_or_is_not_there_is_told_of_in_its_own_words_and_by_its_url() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let provider = &stage.provider;
    let told = |parts: &[&str]| {
        let log = LOGS.text();
        let said = |line: &str| line.contains(" WARN ") && parts.iter().all(|it| line.contains(it));
        assert!(log.lines().any(said), "{parts:?}");
    };
    let words = |error: &str, words: &str| {
        json!({"error": error, "error_description": format!("{words}\n\u{7}")}).to_string()
    };
    // The browser brings it.
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let state = started.next();
    let state = state
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap();
    let iss = provider.issuer();
    let callback = format!(
        "/api/auth/callback?state={}&iss={iss}&error=temporarily_unavailable&error_description=Closed%20on%20Sundays",
        state.1
    );
    browser.open(&callback).await;
    told(&[
        "refused the sign-in",
        "`temporarily_unavailable`: Closed on Sundays",
    ]);
    // The token endpoint, which refuses or cannot.
    let mut alice = stage.browser_of("alice").await;
    let token = provider.issuer().to_owned() + "/auth/token";
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    provider.answer_next(
        Endpoint::Token,
        unavailable,
        words("busy", "Come back later"),
    );
    alice.post("/api/auth/refresh").await;
    told(&["cannot answer now", "503 `busy`: Come back later", &token]);
    let refused = StatusCode::BAD_REQUEST;
    provider.answer_next(
        Endpoint::Token,
        refused,
        words("invalid_scope", "No such thing"),
    );
    alice.post("/api/auth/refresh").await;
    told(&["400 `invalid_scope`: No such thing"]);
    // Revocation.
    provider.answer_next(
        Endpoint::Revoke,
        refused,
        words("unsupported_token_type", "Not these"),
    );
    alice.post("/api/auth/logout").await;
    eventually("the revocation", || {
        LOGS.text().contains("unsupported_token_type")
    })
    .await;
    told(&[
        "was not revoked",
        "400 `unsupported_token_type`: Not these",
        "/revoke",
    ]);
}

#[tokio::test]
async fn a_session_cookie_that_does_not_open_is_logged_without_its_value() {
    LazyLock::force(&LOGS);
    let (stage, other) = (Stage::new().await, Stage::builder());
    let other = other.var("AUTHSAFE_COOKIE_SECRET", "4nLs9dFh3gJb6A8Zz0w5Yt2mVq7cXrKp");
    let foreign = other.start().await.browser_of("bob").await;
    let foreign = foreign.cookie("authsafe").unwrap();
    let mut browser = stage.browser();
    browser.inject("authsafe", "/", &foreign);
    assert_eq!(browser.user().await, None);
    let log = LOGS.text();
    let mut lines = log.lines();
    let warning = lines.find(|line| line.contains("a session cookie does not open"));
    assert!(
        warning.is_some_and(|line| line.contains("WARN") && line.contains("secret")),
        "{log}"
    );
    assert!(!log.contains(&foreign));
}

#[tokio::test]
async fn the_first_session_that_proxies_may_refuse_is_logged_with_their_settings() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("padding".to_owned(), json!("x".repeat(3500)));
    });
    for _ in 0..2 {
        stage.browser_of("alice").await;
    }
    let log = LOGS.text();
    let lines: Vec<_> = log
        .lines()
        .filter(|it| it.contains("longer than 3.5 KB"))
        .collect();
    assert_eq!(lines.len(), 1, "{log}");
    for setting in [
        "proxy_buffer_size",
        "large_client_header_buffers",
        "LimitRequestFieldSize",
    ] {
        assert!(lines[0].contains(setting), "{log}");
    }
}

/// The lines of the log that have all of these.
fn lines_with(parts: &[&str]) -> Vec<String> {
    let log = LOGS.text();
    let has_all = |line: &&str| parts.iter().all(|it| line.contains(it));
    log.lines().filter(has_all).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_says_its_status_and_media_type() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    stage.provider.answer_next(
        Endpoint::Token,
        StatusCode::CREATED,
        "<html>s3cr3t-page</html>",
    );
    let refused = alice.post("/api/auth/refresh").await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY);
    let lines = lines_with(&["answer cannot be read", "(201 text/plain)"]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!LOGS.text().contains("s3cr3t-page"));
}

#[tokio::test]
async fn a_refusal_because_of_time_says_by_how_many_seconds() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let now = stage.clock.now();
    for (claim, time, told) in [
        (
            "iat",
            now + 4321,
            "`iat` is 4321 seconds ahead of this machine's clock",
        ),
        (
            "exp",
            now - 5432,
            "`exp` was 5432 seconds ago by this machine's clock",
        ),
        (
            "nbf",
            now + 6543,
            "`nbf` is 6543 seconds ahead of this machine's clock",
        ),
        (
            "session_expiry",
            now - 7654,
            "`session_expiry` was 7654 seconds ago by this machine's clock",
        ),
    ] {
        stage.provider.tamper_id_token(move |claims| {
            claims.insert(claim.to_owned(), json!(time));
        });
        let refused = stage.browser().callback("alice").await;
        refused.refuses(502, "invalid_id_token", "Invalid ID token");
        assert_eq!(lines_with(&[" WARN ", told]).len(), 1, "{told}");
    }
    stage.provider.tamper_id_token(move |claims| {
        claims.insert("auth_time".to_owned(), json!(now + 8765));
    });
    let mut browser = stage.browser();
    let started = browser.open("/api/auth/signin?max_age=60").await;
    let chosen = browser.choose("alice", &started).await;
    browser.open(chosen.next().as_str()).await;
    let told = "`auth_time` is 8765 seconds ahead of this machine's clock";
    assert_eq!(lines_with(&[" WARN ", told]).len(), 1, "{told}");
}

#[tokio::test]
async fn the_cookie_of_a_sign_in_that_does_not_open_is_logged_without_its_value() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let chosen = browser.choose("alice", &started).await;
    let cookie = browser.transactions().remove(0);
    browser.inject(
        &cookie.name,
        &cookie.path,
        "s3cr3t-cookie-that-does-not-open",
    );
    let refused = browser.fetch(chosen.next().as_str()).await;
    let error = "Sign-in expired or was not started in this browser";
    refused.refuses(400, "unknown_state", error);
    let lines = lines_with(&[
        " WARN ",
        "the cookie of a sign-in does not open",
        "cookie secret",
    ]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!LOGS.text().contains("s3cr3t-cookie-that-does-not-open"));
}

#[tokio::test]
async fn another_spelling_of_the_host_is_logged_with_both() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let asked = stage.url.replace("http://127.0.0.1", "localhost");
    assert_ne!(asked, stage.url);
    let mut browser = stage.browser();
    let visit = browser.visit(http::Method::GET, "/api/auth/signin");
    visit.header("host", &asked).send().await;
    let lines = lines_with(&[
        " WARN ",
        "another spelling of the app's host",
        &format!("app_url={}", stage.url),
        &format!("asked=\"{asked}\""),
    ]);
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[tokio::test]
async fn a_return_path_that_is_dropped_is_logged_with_its_reason() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    alice
        .open("/api/auth/signin?returnTo=https://evil.example/s3cr3t-path")
        .await;
    let mut lines = lines_with(&["INFO", "`returnTo` of a sign-in is left out", "reason="]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    alice
        .post("/api/auth/logout?returnTo=https://evil.example/s3cr3t-path")
        .await;
    lines.extend(lines_with(&[
        "INFO",
        "`returnTo` of a logout is left out",
        "reason=",
    ]));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(!LOGS.text().contains("s3cr3t-path"));
}

#[tokio::test]
async fn a_path_that_a_guard_cannot_come_back_to_is_logged_with_its_reason() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let long = format!("/dashboard?s3cr3t-query={}", "a".repeat(2048));
    let sent = stage.browser().open(&long).await;
    assert_eq!(sent.location(), "/api/auth/signin");
    let lines = lines_with(&[
        "INFO",
        "the path that a sign-in is for is left out",
        "reason=",
    ]);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!LOGS.text().contains("s3cr3t-query"));
}

#[tokio::test]
async fn a_refusal_is_one_line_with_its_cause() {
    LazyLock::force(&LOGS);
    let stage = Stage::new().await;
    let once = |parts: &[&str]| {
        let lines = lines_with(parts);
        let [line] = &lines[..] else {
            panic!("{parts:?}: {lines:#?}")
        };
        assert!(
            line.contains(" WARN ") && line.contains(" refused "),
            "{line}"
        );
        assert!(line.contains("path=\"/api/auth/"), "{line}");
    };
    let said = |words: &str| json!({"error": "invalid_grant", "error_description": words});
    let refuse = |words: &str| {
        let said = said(words).to_string();
        let status = StatusCode::BAD_REQUEST;
        stage.provider.answer_next(Endpoint::Token, status, said);
    };
    // The exchange of a code.
    refuse("This code is stale");
    assert_eq!(stage.browser().callback("alice").await.status, 400);
    once(&["This code is stale"]);
    once(&[
        "the code was not exchanged",
        "This code is stale",
        "code=\"invalid_code\"",
    ]);
    // A refresh.
    let mut alice = stage.browser_of("alice").await;
    refuse("This token is stale");
    assert_eq!(alice.post("/api/auth/refresh").await.status, 401);
    once(&["This token is stale"]);
    once(&[
        "the session was not refreshed",
        "This token is stale",
        "code=\"session_ended\"",
    ]);
}

#[tokio::test]
async fn what_guards_ask_for_and_nothing_requested_brings_is_one_warning_that_says_what_to_write() {
    mod asks_for_none {
        #[authsafe::routes(
            scopes("openid", "profile"),
            protect(
                "/clerks/**" => role("clerk"),
                "/desk/**" => all(permission("desk:read"), not(permission("desk:banned"))),
            ),
        )]
        pub(super) mod auth {}
    }
    mod asks_for_them {
        #[authsafe::routes(
            scopes("openid", "profile", "roles"),
            claims(permissions = "rights"),
            protect("/clerks/**" => role("clerk"), "/desk/**" => permission("desk:read")),
        )]
        pub(super) mod auth {}
    }
    LazyLock::force(&LOGS);
    const PATHS: [&str; 3] = ["/clerks/1", "/desk/1", "/admin/dashboard"];
    const ROLES: [&str; 3] = [
        "name=\"roles\"",
        "`scopes(...)` has `roles`",
        "claims(roles",
    ];
    const PERMISSIONS: [&str; 2] = ["name=\"permissions\"", "claims(permissions"];
    let refused = async |browser: &mut authsafe_tests::Browser| {
        for path in PATHS {
            assert_eq!(browser.fetch(path).await.status, 403, "{path}");
        }
    };
    // Nobody is told of what is requested, of what the app adds itself, or where somebody has another role.
    let stage = Stage::builder().spec(asks_for_them::auth::SPEC);
    refused(&mut stage.start().await.browser_of("bob").await).await;
    let stage = Stage::builder().spec(asks_for_none::auth::SPEC).start();
    let stage = stage.await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.fetch("/clerks/1").await.status, 403);
    assert!(lines_with(&ROLES).is_empty() && lines_with(&PERMISSIONS).is_empty());

    let mut bob = stage.browser_of("bob").await;
    for _ in 0..2 {
        refused(&mut bob).await;
    }
    for parts in [&ROLES[..], &PERMISSIONS] {
        let lines = lines_with(parts);
        assert_eq!(lines.len(), 1, "{parts:?}: {lines:?}");
        assert!(lines[0].contains(" WARN "), "{lines:?}");
    }
    let scope = [
        "name=\"admin\"",
        "scope that sign-in does not request",
        " WARN ",
    ];
    // Of either app: neither requests it.
    assert_eq!(lines_with(&scope).len(), 2);
}
