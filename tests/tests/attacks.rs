//! What somebody tries who is not meant to get in.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::__private::{CookieSpec, Setting, SpecParts, parts, spec};
use authsafe::Spec;
use authsafe::dev::Endpoint;
use authsafe_tests::peers::alike;
use authsafe_tests::{Answer, Browser, Stage, auth, demo_provider, eventually, param};
use cookie::SameSite;
use serde_json::{Map, Value, json};
use url::Url;

const CALLBACK: &str = "/api/auth/callback";

#[track_caller]
fn is_unknown_state(answer: &Answer) {
    answer.refuses(
        400,
        "unknown_state",
        "Sign-in expired or was not started in this browser",
    );
}

/// A callback of no sign-in that is under way here: a script is refused, and a person is led on, to where
/// they would have landed or to one new sign-in. Nothing of it is believed.
async fn is_of_no_sign_in(browser: &Browser, callback: &str) {
    let mut browser = browser.clone();
    is_unknown_state(&browser.clone().fetch(callback).await);
    let before = browser.user().await;
    let answer = browser.open(callback).await;
    assert_eq!(answer.status, 303);
    assert!(!answer.makes_a_session());
    match &before {
        Some(_) => assert!(answer.location().starts_with('/')),
        None => assert!(param(&answer.next(), "state").unwrap().ends_with('.')),
    }
    assert_eq!(browser.user().await, before);
}

#[track_caller]
fn is_invalid_code(answer: &Answer) {
    answer.refuses(400, "invalid_code", "Invalid authorization code");
}

/// A callback URL with one parameter in another's place; `None` takes it out.
fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.retain(|(it, _)| it != name);
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    url
}

/// A browser that was sent to its callback, and the URL that it was sent to.
async fn at_the_callback(stage: &Stage, user: &str) -> (Browser, Url) {
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let url = browser.choose(user, &started).await.next();
    (browser, url)
}

// Sign-ins in parallel

#[tokio::test]
async fn ten_sign_ins_in_tabs_all_finish_in_any_order() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let mut tabs = Vec::new();
    for tab in 0..10 {
        let path = format!("/me?tab={tab}");
        let started = browser.start(Some(&path)).await;
        let callback = browser.choose("bob", &started).await.next();
        tabs.push((path, callback));
    }
    for tab in [3, 0, 9, 4, 2, 8, 7, 1, 5, 6] {
        let (path, callback) = &tabs[tab];
        let answer = browser.open(callback.as_str()).await;
        assert_eq!(answer.location(), path);
        assert!(answer.makes_a_session());
    }
    assert!(browser.transactions().is_empty());
}

#[tokio::test]
async fn an_eleventh_sign_in_drops_the_oldest() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let mut callbacks = Vec::new();
    for _ in 0..11 {
        let started = browser.start(None).await;
        callbacks.push(browser.choose("bob", &started).await.next());
    }
    // All within one second.
    assert_eq!(browser.transactions().len(), 10);
    is_of_no_sign_in(&browser, callbacks[0].as_str()).await;
    assert!(browser.open(callbacks[1].as_str()).await.makes_a_session());
}

#[tokio::test]
async fn sign_ins_with_long_return_paths_leave_room_for_other_cookies() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    for length in [500, 2000] {
        let path = format!("/me?{}", "a".repeat(length));
        for _ in 0..5 {
            browser.start(Some(&path)).await;
            stage.pass(Duration::from_secs(1));
        }
        let lengths = browser.transactions().into_iter();
        let bytes: usize = lengths.map(|it| it.name.len() + it.value.len()).sum();
        assert!((2800..=4096).contains(&bytes), "{length}: {bytes}");
    }
}

/// Nobody is answered with more than they sent.
#[tokio::test]
async fn however_many_cookies_come_few_are_removed() {
    let tale = alike(async |peer, tale| {
        let cookie = |name: &str| format!("{}=x; ", peer.cookie_name(name)).repeat(4000);
        let others: String = (0..2000)
            .map(|it| peer.cookie_name(&format!("authsafe.tx.made-up-{it:08}")) + "=x; ")
            .collect();
        for cookies in [cookie("authsafe"), cookie("authsafe.3"), others] {
            for request in [
                "GET /api/auth/signin HTTP/1.1",
                "POST /api/auth/logout HTTP/1.1",
            ] {
                let answer = peer.say(request, &[("cookie", &cookies)]).await;
                let removed = answer.removed();
                assert!(removed.len() <= 16, "{}", removed.len());
                tale.tell(request, &answer);
            }
        }
    })
    .await;
    assert!(tale[1].starts_with("POST /api/auth/logout HTTP/1.1: 303"));
    assert_eq!(tale[1].matches("authsafe=;").count(), 1, "{}", tale[1]);
    assert_eq!(tale[3].matches("authsafe.3=;").count(), 1, "{}", tale[3]);
    assert_eq!(tale[4].matches("Max-Age=0").count(), 16, "{}", tale[4]);
}

#[tokio::test]
async fn sign_ins_that_were_given_up_do_not_pile_up() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    browser.start(None).await;
    browser.start(None).await;
    stage.pass(Duration::from_secs(601));
    browser.start(None).await;
    assert_eq!(browser.transactions().len(), 1);
}

// The callback

#[tokio::test]
async fn a_callback_that_is_replayed_makes_no_second_session() {
    let stage = Stage::new().await;
    let (mut alice, url) = at_the_callback(&stage, "alice").await;
    let mut thief = alice.clone();
    assert!(alice.open(url.as_str()).await.makes_a_session());
    is_of_no_sign_in(&alice, url.as_str()).await;
    is_of_no_sign_in(&thief, url.as_str()).await;
    let replayed = thief.open(url.as_str()).await;
    assert!(!replayed.makes_a_session());
    assert_eq!(thief.user().await, None);
}

#[tokio::test]
async fn a_callback_that_is_replayed_on_another_machine_makes_no_second_session() {
    let stage = Stage::new().await;
    let other = stage.another_machine().await;
    let (mut alice, url) = at_the_callback(&stage, "alice").await;
    let mut thief = alice.clone().at(&other);
    assert!(alice.open(url.as_str()).await.makes_a_session());
    let replayed = format!("{}{CALLBACK}?{}", other.url, url.query().unwrap());
    is_invalid_code(&thief.open(&replayed).await);
    assert_eq!(thief.user().await, None);
}

#[tokio::test]
async fn a_callback_without_the_cookie_of_its_sign_in_is_refused_and_nothing_is_sent() {
    let stage = Stage::new().await;
    let (_, url) = at_the_callback(&stage, "alice").await;
    is_of_no_sign_in(&stage.browser(), url.as_str()).await;
    assert_eq!(stage.provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn nobody_is_signed_in_as_the_attacker_by_the_attackers_own_link() {
    let stage = Stage::new().await;
    let (_, attackers) = at_the_callback(&stage, "bob").await;
    let (mut alice, _) = at_the_callback(&stage, "alice").await;
    is_of_no_sign_in(&alice, attackers.as_str()).await;
    assert_eq!(alice.user().await, None);
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused_under_ones_own_state() {
    let stage = Stage::new().await;
    let (_, others) = at_the_callback(&stage, "alice").await;
    let (mut mallory, own) = at_the_callback(&stage, "bob").await;
    let url = with(&own, "code", param(&others, "code").as_deref());
    // PKCE: the code is bound to the verifier of the browser that asked for it.
    is_invalid_code(&mallory.open(url.as_str()).await);
    assert_eq!(mallory.user().await, None);
}

#[tokio::test]
async fn a_state_that_is_missing_changed_or_doubled_is_refused() {
    let stage = Stage::new().await;
    let (browser, url) = at_the_callback(&stage, "bob").await;
    let mut doubled = url.clone();
    let state = param(&url, "state").unwrap();
    doubled.query_pairs_mut().append_pair("state", &state);
    for wrong in [
        with(&url, "state", None),
        with(&url, "state", Some("")),
        with(&url, "state", Some("a")),
        doubled,
    ] {
        is_unknown_state(&browser.clone().open(wrong.as_str()).await);
    }
    let changed = with(&url, "state", Some(&"a".repeat(43)));
    is_of_no_sign_in(&browser, changed.as_str()).await;
    assert_eq!(stage.provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn the_cookie_of_one_sign_in_does_not_open_under_the_name_of_another() {
    let stage = Stage::new().await;
    let (mut browser, first) = at_the_callback(&stage, "bob").await;
    let own = browser.transactions().remove(0);
    browser.start(None).await;
    let others = browser
        .transactions()
        .into_iter()
        .find(|it| it.name != own.name);
    browser.inject(&own.name, &own.path, &others.unwrap().value);
    is_of_no_sign_in(&browser, first.as_str()).await;
}

#[tokio::test]
async fn a_sign_in_that_took_longer_than_ten_minutes_is_refused() {
    let stage = Stage::new().await;
    let (mut browser, url) = at_the_callback(&stage, "bob").await;
    stage.clock.set(stage.clock.now() + 600);
    let slow = browser.clone();
    assert!(browser.open(url.as_str()).await.makes_a_session());
    stage.clock.set(stage.clock.now() + 1);
    is_of_no_sign_in(&slow, url.as_str()).await;
}

#[tokio::test]
async fn the_transaction_is_deleted_whatever_comes_of_it() {
    let stage = Stage::new().await;
    let outcomes: [fn(&Url) -> Url; 4] = [
        Url::clone,
        |url| with(url, "code", None),
        |url| with(&with(url, "code", None), "error", Some("access_denied")),
        |url| with(url, "iss", Some("https://evil.example")),
    ];
    for outcome in outcomes {
        let (mut browser, url) = at_the_callback(&stage, "bob").await;
        let name = browser.transactions()[0].name.clone();
        let answer = browser.open(outcome(&url).as_str()).await;
        assert_eq!(answer.removed(), [name]);
        assert!(browser.transactions().is_empty());
    }
}

#[tokio::test]
async fn the_transaction_is_deleted_where_the_provider_fails_too() {
    let stage = Stage::new().await;
    let (mut browser, url) = at_the_callback(&stage, "bob").await;
    let unavailable = http::StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, unavailable, "");
    browser.open(url.as_str()).await;
    assert!(browser.transactions().is_empty());
}

#[track_caller]
fn is_wrong_issuer(answer: &Answer) {
    answer.refuses(
        400,
        "wrong_issuer",
        "Response from another identity provider",
    );
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_and_its_code_is_not_sent() {
    let stage = Stage::new().await;
    for iss in [Some("https://evil.example"), Some(""), None] {
        let (mut browser, url) = at_the_callback(&stage, "bob").await;
        is_wrong_issuer(&browser.open(with(&url, "iss", iss).as_str()).await);
    }
    assert_eq!(stage.provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn an_error_of_another_issuer_is_that_of_nobody() {
    let stage = Stage::new().await;
    for iss in [Some("https://evil.example"), Some(""), None] {
        let (mut browser, url) = at_the_callback(&stage, "bob").await;
        let url = with(&url, "error", Some("access_denied"));
        let url = with(&with(&url, "code", None), "iss", iss);
        is_wrong_issuer(&browser.open(url.as_str()).await);
    }
}

#[tokio::test]
async fn an_answer_may_lack_the_issuer_where_the_provider_does_not_promise_it() {
    let provider = demo_provider().start().await.unwrap();
    provider.set_response_iss(false);
    let stage = Stage::builder().provider(provider).start().await;
    let (mut browser, url) = at_the_callback(&stage, "bob").await;
    assert!(browser.open(url.as_str()).await.makes_a_session());
    let (mut browser, url) = at_the_callback(&stage, "bob").await;
    let foreign = with(&url, "iss", Some("https://evil.example"));
    is_wrong_issuer(&browser.open(foreign.as_str()).await);
}

#[tokio::test]
async fn a_refusal_makes_no_session_even_with_a_good_code_beside_it() {
    let stage = Stage::new().await;
    let (browser, url) = at_the_callback(&stage, "alice").await;
    let url = with(&url, "error", Some("access_denied"));
    let answer = browser.clone().fetch(url.as_str()).await;
    answer.refuses(403, "access_denied", "Access denied");
    // A person is led back, without a session.
    let (mut browser, url) = at_the_callback(&stage, "alice").await;
    let url = with(&url, "error", Some("access_denied"));
    let answer = browser.open(url.as_str()).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    assert!(!answer.makes_a_session());
    assert_eq!(browser.user().await, None);
    assert_eq!(stage.provider.calls(Endpoint::Token), 0);
}

// Tokens

/// A sign-in of Alice's where the provider's tokens are not what they should be.
async fn sign_in_with(tamper: impl FnOnce(&Stage)) -> Answer {
    let stage = Stage::new().await;
    tamper(&stage);
    let mut browser = stage.browser();
    let answer = browser.callback("alice").await;
    assert_eq!(browser.user().await, None);
    answer
}

#[track_caller]
fn is_invalid_token(answer: &Answer) {
    answer.refuses(502, "invalid_id_token", "Invalid ID token");
}

async fn with_id_claim(name: &'static str, value: Value) {
    let change = move |claims: &mut Map<String, Value>| {
        drop(claims.insert(name.to_owned(), value.clone()));
    };
    is_invalid_token(&sign_in_with(|stage| stage.provider.tamper_id_token(change)).await);
}

async fn with_header(name: &'static str, value: Value) {
    let change = move |header: &mut Map<String, Value>| {
        drop(header.insert(name.to_owned(), value.clone()));
    };
    is_invalid_token(&sign_in_with(|stage| stage.provider.tamper_id_token_header(change)).await);
}

#[tokio::test]
async fn an_id_token_of_another_issuer_is_refused() {
    with_id_claim("iss", json!("https://evil.example")).await;
}

#[tokio::test]
async fn an_id_token_for_another_client_is_refused() {
    with_id_claim("aud", json!("other")).await;
}

#[tokio::test]
async fn an_id_token_for_several_clients_that_names_no_party_is_refused() {
    with_id_claim("aud", json!(["app", "other"])).await;
}

#[tokio::test]
async fn an_id_token_that_another_client_asked_for_is_refused() {
    with_id_claim("azp", json!("other")).await;
}

#[tokio::test]
async fn an_id_token_that_has_run_out_is_refused() {
    with_id_claim("exp", json!(1_700_000_000)).await;
}

#[tokio::test]
async fn an_id_token_of_the_future_is_refused() {
    with_id_claim("iat", json!(32_503_680_000_u64)).await;
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_is_refused() {
    with_id_claim("nonce", json!("n".repeat(43))).await;
}

#[tokio::test]
async fn an_id_token_without_a_nonce_is_refused() {
    let change = |claims: &mut Map<String, Value>| drop(claims.remove("nonce"));
    is_invalid_token(&sign_in_with(|stage| stage.provider.tamper_id_token(change)).await);
}

#[tokio::test]
async fn an_id_token_of_another_access_token_is_refused() {
    with_id_claim("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")).await;
}

#[tokio::test]
async fn an_id_token_about_nobody_is_refused() {
    with_id_claim("sub", json!("")).await;
}

#[tokio::test]
async fn an_id_token_without_a_signature_is_refused() {
    with_header("alg", json!("none")).await;
}

#[tokio::test]
async fn an_id_token_by_hmac_is_refused() {
    with_header("alg", json!("HS256")).await;
}

#[tokio::test]
async fn an_id_token_by_an_algorithm_that_the_provider_does_not_use_is_refused() {
    with_header("alg", json!("PS256")).await;
}

#[tokio::test]
async fn a_good_id_token_by_an_algorithm_that_discovery_does_not_name_is_refused() {
    let provider = demo_provider().start().await.unwrap();
    provider.tamper_discovery(|document| {
        let algorithms = json!(["ES256"]);
        document.insert(
            "id_token_signing_alg_values_supported".to_owned(),
            algorithms,
        );
    });
    let stage = Stage::builder().provider(provider).start().await;
    is_invalid_token(&stage.browser().callback("alice").await);
}

#[tokio::test]
async fn an_id_token_of_an_unknown_key_is_refused() {
    with_header("kid", json!("nobody's")).await;
}

#[tokio::test]
async fn an_id_token_with_a_critical_extension_is_refused() {
    with_header("crit", json!(["exp"])).await;
}

#[tokio::test]
async fn an_id_token_whose_signature_is_wrong_is_refused() {
    is_invalid_token(&sign_in_with(|stage| stage.provider.set_corrupt_signatures(true)).await);
}

#[tokio::test]
async fn a_token_answer_without_an_id_token_is_refused() {
    let change = |answer: &mut Map<String, Value>| drop(answer.remove("id_token"));
    is_invalid_token(&sign_in_with(|stage| stage.provider.tamper_token_response(change)).await);
}

#[tokio::test]
async fn an_access_token_of_another_user_or_api_grants_nothing_and_refuses_nothing() {
    for (name, value, status) in [
        ("sub", json!("authsafe|bob"), 403),
        ("aud", json!("https://api.example"), 403),
        ("padding", json!("its own"), 200),
    ] {
        let stage = Stage::new().await;
        // The answer names no scopes: the token alone might grant one.
        let untold = |answer: &mut Map<String, Value>| drop(answer.remove("scope"));
        stage.provider.tamper_token_response(untold);
        stage.provider.tamper_access_token(set(name, value));
        let mut browser = stage.browser_of("alice").await;
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
        let admin = browser.fetch("/admin/dashboard").await;
        assert_eq!(admin.status, status, "{name}");
    }
}

#[tokio::test]
async fn an_access_token_by_a_key_that_is_not_published_costs_no_fetch_of_keys() {
    let stage = Stage::new().await;
    let untold = |answer: &mut Map<String, Value>| drop(answer.remove("scope"));
    stage.provider.tamper_token_response(untold);
    stage
        .provider
        .tamper_access_token_header(set("kid", json!("of the API")));
    for _ in 0..3 {
        let mut browser = stage.browser_of("alice").await;
        assert_eq!(browser.fetch("/admin/dashboard").await.status, 403);
    }
    assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
}

#[tokio::test]
async fn an_access_token_whose_signature_does_not_verify_grants_nothing_and_refuses_nothing() {
    let stage = Stage::new().await;
    stage
        .provider
        .tamper_id_token(|claims| drop(claims.remove("at_hash")));
    stage.provider.tamper_token_response(|answer| {
        answer.remove("scope");
        let token = answer["access_token"].as_str().unwrap();
        let (message, _) = token.rsplit_once('.').unwrap();
        let forged = format!("{message}.AAAA");
        answer.insert("access_token".to_owned(), json!(forged));
    });
    let mut browser = stage.browser_of("alice").await;
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
    assert_eq!(browser.fetch("/admin/dashboard").await.status, 403);
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    assert_eq!(browser.fetch("/admin/dashboard").await.status, 403);
    assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
}

#[tokio::test]
async fn an_access_token_without_a_sub_grants_at_this_apps_audience() {
    for (audience, status) in [("app", 200), ("https://api.example", 403)] {
        let stage = Stage::new().await;
        let untold = |answer: &mut Map<String, Value>| drop(answer.remove("scope"));
        stage.provider.tamper_token_response(untold);
        stage.provider.tamper_access_token(move |claims| {
            claims.remove("sub");
            claims.insert("aud".to_owned(), json!(audience));
        });
        let mut browser = stage.browser_of("alice").await;
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
        let admin = browser.fetch("/admin/dashboard").await;
        assert_eq!(admin.status, status, "{audience}");
    }
}

// Refresh tokens that nobody keeps

fn set(name: &'static str, value: Value) -> impl Fn(&mut Map<String, Value>) + Send + Sync {
    move |object| drop(object.insert(name.to_owned(), value.clone()))
}

async fn revocations(stage: &Stage, count: usize) {
    let calls = || stage.provider.calls(Endpoint::Revoke);
    eventually("a revocation", || calls() >= count).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(calls(), count);
}

#[tokio::test]
async fn a_sign_in_that_fails_after_its_code_was_exchanged_leaves_no_refresh_token() {
    type Tamper = fn(&Stage);
    let tampers: [(&str, Tamper); 9] = [
        ("502", |it| it.provider.set_corrupt_signatures(true)),
        ("502", |it| {
            it.provider.tamper_id_token(set("nonce", json!("n")))
        }),
        ("502", |it| {
            let gone = |answer: &mut Map<String, Value>| drop(answer.remove("id_token"));
            it.provider.tamper_token_response(gone);
        }),
        ("502", |it| {
            it.provider.tamper_id_token(set("aud", json!("other")));
        }),
        ("502", |it| {
            it.provider.tamper_id_token(set("session_expiry", json!(1)));
        }),
        ("503", |it| {
            let down = http::StatusCode::SERVICE_UNAVAILABLE;
            it.provider.answer_next(Endpoint::Jwks, down, "");
        }),
        ("500", |it| {
            it.provider
                .tamper_id_token(set("name", json!("x".repeat(20_000))));
        }),
        ("502", |it| {
            it.provider
                .tamper_token_response(set("token_type", json!("DPoP")));
        }),
        ("502", |it| {
            let gone = |answer: &mut Map<String, Value>| drop(answer.remove("access_token"));
            it.provider.tamper_token_response(gone);
        }),
    ];
    for (at, (status, tamper)) in tampers.into_iter().enumerate() {
        let stage = Stage::new().await;
        tamper(&stage);
        let answer = stage.browser().callback("alice").await;
        assert_eq!(answer.status.as_str(), status, "{at}: {answer:#?}");
        revocations(&stage, 1).await;
    }
}

#[tokio::test]
async fn a_sign_in_that_is_not_recent_enough_leaves_no_refresh_token() {
    let stage = Stage::new().await;
    stage.provider.tamper_id_token(set("auth_time", json!(1)));
    let mut browser = stage.browser();
    let started = browser.open("/api/auth/signin?max_age=60").await;
    let back = browser.choose("alice", &started).await;
    is_invalid_token(&browser.open(back.location()).await);
    revocations(&stage, 1).await;
}

#[tokio::test]
async fn a_refresh_that_fails_after_the_exchange_leaves_no_new_refresh_token() {
    for rotates in [true, false] {
        let stage = Stage::new().await;
        let mut alice = stage.browser_of("alice").await;
        stage.provider.set_refresh_rotation(rotates);
        stage
            .provider
            .tamper_token_response(set("token_type", json!("DPoP")));
        let answer = alice.post("/api/auth/refresh").await;
        let error = "Unexpected answer from the identity provider";
        answer.refuses(502, "provider_answer", error);
        revocations(&stage, usize::from(rotates)).await;
        stage.provider.stop_tampering();
        // What the session has all the while is not taken from it.
        let goes_on = alice.post("/api/auth/refresh").await.status;
        assert_eq!(goes_on == 200, !rotates, "{goes_on}");
    }
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let name = json!("x".repeat(20_000));
    stage.provider.tamper_id_token(set("name", name));
    let answer = alice.post("/api/auth/refresh").await;
    answer.refuses(500, "session_too_large", "Authentication failed");
    revocations(&stage, 1).await;
}

#[tokio::test]
async fn a_session_that_a_bad_refresh_ends_leaves_neither_its_old_token_nor_its_new_one() {
    for rotates in [true, false] {
        let stage = Stage::new().await;
        let mut alice = stage.browser_of("alice").await;
        stage.provider.set_refresh_rotation(rotates);
        stage.provider.set_corrupt_signatures(true);
        is_invalid_token(&alice.post("/api/auth/refresh").await);
        revocations(&stage, 1).await;
    }
}

#[tokio::test]
async fn what_is_dropped_is_revoked_on_all_frameworks_alike() {
    let tale = alike(async |peer, tale| {
        let calls = || peer.provider.calls(Endpoint::Revoke);
        let mut alice = peer.browser_of("alice").await;
        peer.provider.set_corrupt_signatures(true);
        tale.tell("callback", &peer.browser().callback("bob").await);
        eventually("the first revocation", || calls() == 1).await;
        tale.tell("refresh", &alice.post("/api/auth/refresh").await);
        eventually("the second revocation", || calls() == 2).await;
    })
    .await;
    assert!(tale[0].starts_with("callback: 502"), "{tale:#?}");
    assert!(tale[1].starts_with("refresh: 502"), "{tale:#?}");
}

#[tokio::test]
async fn made_up_key_ids_do_not_turn_us_against_the_provider() {
    let stage = Stage::new().await;
    stage.provider.tamper_id_token_header(|header| {
        header.insert("kid".to_owned(), json!("made up"));
    });
    let flood = async || {
        let sign_ins: Vec<_> = (0..8)
            .map(|_| {
                let mut browser = stage.browser();
                tokio::spawn(async move { browser.callback("bob").await })
            })
            .collect();
        for sign_in in sign_ins {
            is_invalid_token(&sign_in.await.unwrap());
        }
    };
    flood().await;
    assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
    stage.pass(Duration::from_secs(10));
    flood().await;
    assert_eq!(stage.provider.calls(Endpoint::Jwks), 2);
}

// The session cookie

#[tokio::test]
async fn the_session_cookie_is_for_servers_alone_and_goes_to_no_other_site() {
    let stage = Stage::new().await;
    let callback = stage.browser().callback("bob").await;
    let cookie = callback.sets("authsafe").unwrap();
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site(), Some(SameSite::Lax));
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
    assert_eq!(cookie.max_age().unwrap().whole_seconds(), 3600);
    // The app is on http://127.0.0.1; on https it is `Secure` and named `__Host-`.
    assert_eq!(cookie.secure(), None);
}

/// The app on https, as it is reached behind a proxy.
async fn on_https(spec: &'static Spec) -> Stage {
    let provider = demo_provider().redirect_uri("https://app.example.com/api/auth/callback");
    let provider = provider.start().await.unwrap();
    let builder = Stage::builder().spec(spec).provider(provider);
    let builder = builder.var("APP_URL", "https://app.example.com");
    builder.start().await
}

/// Where the provider sent a browser, at the stage.
fn here(stage: &Stage, answer: &Answer) -> String {
    let url = answer.next();
    format!("{}{}?{}", stage.url, url.path(), url.query().unwrap())
}

/// RFC 6265bis §4.1.3.2: no other host can set such a cookie, nor another path.
#[track_caller]
fn is_bound_to_the_host(cookie: &cookie::Cookie<'_>) {
    assert!(cookie.name().starts_with("__Host-authsafe"), "{cookie}");
    assert_eq!(cookie.secure(), Some(true), "{cookie}");
    assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
}

#[tokio::test]
async fn on_https_the_cookies_are_secure_and_bound_to_the_host() {
    let stage = on_https(auth::SPEC).await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("padding".to_owned(), json!("x".repeat(5000)));
    });
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    assert_eq!(started.set_cookies().len(), 1);
    let chosen = browser.choose("alice", &started).await;
    let callback = browser.open(&here(&stage, &chosen)).await;
    // The transaction's removal, and a session in three pieces.
    assert_eq!(callback.set_cookies().len(), 4);
    for cookie in [started, callback].iter().flat_map(Answer::set_cookies) {
        is_bound_to_the_host(&cookie);
    }
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
}

#[tokio::test]
async fn a_sign_in_is_bound_to_the_host_also_where_its_session_is_shared_or_has_a_path() {
    static SHARED: Spec = spec(SpecParts {
        cookies: CookieSpec {
            domain: Some(Setting::Literal("example.com")),
            ..CookieSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    static UNDER: Spec = spec(SpecParts {
        cookies: CookieSpec {
            path: "/api",
            ..CookieSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    for (spec, path, domain) in [(&SHARED, "/", Some("example.com")), (&UNDER, "/api", None)] {
        let stage = on_https(spec).await;
        let mut browser = stage.browser();
        let started = browser.start(None).await;
        is_bound_to_the_host(&started.set_cookies()[0]);
        let chosen = browser.choose("bob", &started).await;
        let callback = browser.open(&here(&stage, &chosen)).await;
        let session = callback.sets("__Secure-authsafe").unwrap();
        assert_eq!(session.secure(), Some(true));
        assert_eq!((session.path(), session.domain()), (Some(path), domain));
    }
}

/// A sibling subdomain can set `__Secure-` cookies for the domain above, with any path.
#[tokio::test]
async fn a_sign_in_that_a_sibling_subdomain_planted_signs_nobody_in() {
    let stage = on_https(auth::SPEC).await;
    let mut attacker = stage.browser();
    let started = attacker.start(None).await;
    let callback = here(&stage, &attacker.choose("bob", &started).await);
    let mut own = attacker.cookies().into_iter();
    let own = own.rfind(|it| it.name.contains(".tx.")).unwrap();
    let label = own.name.rsplit('.').next().unwrap();
    for name in [
        format!("__Secure-authsafe.tx.{label}"),
        format!("authsafe.tx.{label}"),
    ] {
        let mut victim = stage.browser();
        victim.inject(&name, "/api/auth", &own.value);
        is_of_no_sign_in(&victim, &callback).await;
        assert_eq!(victim.user().await, None);
    }
    assert_eq!(stage.provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_transaction_cookie_goes_to_the_endpoints_alone_and_tells_no_state() {
    let stage = Stage::new().await;
    let started = stage.browser().start(None).await;
    let cookie = started.set_cookies().remove(0);
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.same_site(), Some(SameSite::Lax));
    assert_eq!((cookie.path(), cookie.domain()), (Some("/api/auth"), None));
    // For longer than it opens anything: it knows where to go on to.
    assert_eq!(cookie.max_age().unwrap().whole_seconds(), 86400);
    let state = param(&started.next(), "state").unwrap();
    assert!(!cookie.to_string().contains(&state));
}

#[tokio::test]
async fn a_session_cookie_with_any_character_changed_is_no_session() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("bob").await;
    let good = browser.cookie("authsafe").unwrap();
    let end_of_first_part = {
        let header = base64_of(&good, 4);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        (16 + length) * 8 / 6
    };
    for at in (0..end_of_first_part)
        .step_by(7)
        .chain([1, end_of_first_part - 1])
    {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        browser.inject("authsafe", "/", std::str::from_utf8(&changed).unwrap());
        assert_eq!(browser.user().await, None, "character {at}");
    }
    browser.inject("authsafe", "/", &good);
    assert!(browser.user().await.is_some());
}

#[tokio::test]
async fn tokens_that_were_changed_are_none() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("bob").await;
    let good = browser.cookie("authsafe").unwrap();
    let at = good.len() - 10;
    let other = if &good[at..=at] == "A" { "B" } else { "A" };
    browser.inject(
        "authsafe",
        "/",
        &format!("{}{other}{}", &good[..at], &good[at + 1..]),
    );
    let answer = browser.post("/api/auth/refresh").await;
    answer.refuses(401, "no_session", "No refresh token available");
    assert_eq!(stage.provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn the_tokens_of_one_session_do_not_fit_into_another() {
    let stage = Stage::new().await;
    let bob = stage.browser_of("bob").await.cookie("authsafe").unwrap();
    let mut mallory = stage.browser_of("bob").await;
    let own = mallory.cookie("authsafe").unwrap();
    let header = base64_of(&own, 4);
    let end = 16 + usize::from(u16::from_be_bytes([header[2], header[3]]));
    // Both are Bob's, so that the first parts are of one length.
    let mut mixed = base64_of(&own, own.len());
    mixed.truncate(end);
    mixed.extend(&base64_of(&bob, bob.len())[end..]);
    mallory.inject("authsafe", "/", &to_base64(&mixed));
    assert!(mallory.user().await.is_some(), "the first part is whole");
    let answer = mallory.post("/api/auth/refresh").await;
    answer.refuses(401, "no_session", "No refresh token available");
}

#[tokio::test]
async fn rubbish_for_a_session_is_no_session() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let long = "A".repeat(6000);
    for rubbish in [
        "", "x", "AAAA", "%00", "{}", "a.b.c", "\"\"", "=====", &long,
    ] {
        browser.inject("authsafe", "/", rubbish);
        assert_eq!(browser.user().await, None, "{rubbish}");
        assert_eq!(browser.open("/").await.body, "Hello stranger");
    }
}

#[tokio::test]
async fn a_session_of_another_cookie_secret_is_no_session() {
    let stage = Stage::new().await;
    let other = Stage::builder()
        .var("AUTHSAFE_COOKIE_SECRET", "hJ7tLq0XvB3nYw9sRk5mEc2zGd8fUa6P")
        .start()
        .await;
    let cookie = stage.browser_of("alice").await.cookie("authsafe").unwrap();
    let mut browser = other.browser();
    browser.inject("authsafe", "/", &cookie);
    assert_eq!(browser.user().await, None);
}

#[tokio::test]
async fn a_transaction_is_no_session() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    browser.start(None).await;
    let transaction = browser.transactions().remove(0);
    browser.inject("authsafe", "/", &transaction.value);
    assert_eq!(browser.user().await, None);
}

#[tokio::test]
async fn a_session_is_no_transaction() {
    let stage = Stage::new().await;
    let session = stage.browser_of("bob").await.cookie("authsafe").unwrap();
    let (mut browser, url) = at_the_callback(&stage, "bob").await;
    let transaction = browser.transactions().remove(0);
    browser.inject(&transaction.name, &transaction.path, &session);
    is_of_no_sign_in(&browser, url.as_str()).await;
}

#[tokio::test]
async fn a_session_that_misses_any_piece_is_no_session() {
    let stage = Stage::new().await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("padding".to_owned(), json!("x".repeat(5000)));
    });
    let browser = stage.browser_of("alice").await;
    let pieces = browser.session_cookies();
    assert_eq!(pieces.len(), 3);
    for piece in &pieces {
        let mut robbed = browser.clone();
        robbed.forget(piece);
        assert_eq!(robbed.user().await, None, "{}", piece.name);
    }
}

#[tokio::test]
async fn a_cookie_that_was_there_before_is_not_the_session_after_sign_in() {
    let stage = Stage::new().await;
    let planted = stage.browser_of("bob").await.cookie("authsafe").unwrap();
    let mut victim = stage.browser();
    victim.inject("authsafe", "/", &planted);
    victim.sign_in("alice", None).await;
    assert_ne!(victim.cookie("authsafe").unwrap(), planted);
    assert_eq!(victim.user().await.as_deref(), Some("authsafe|alice"));
    // And what was planted has ended with the sign-in that replaced it.
    let mut attacker = stage.browser();
    attacker.inject("authsafe", "/", &planted);
    assert_eq!(attacker.user().await, None);
}

#[tokio::test]
async fn pieces_that_were_there_before_do_not_shadow_the_new_session() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    for piece in ["authsafe.0", "authsafe.1", "authsafe.9"] {
        browser.inject(piece, "/", "2.planted");
    }
    browser.sign_in("bob", None).await;
    assert_eq!(browser.session_cookies().len(), 1);
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|bob"));
}

#[tokio::test]
async fn a_cookie_planted_under_a_narrower_path_cannot_swap_the_session() {
    let stage = Stage::new().await;
    let mut victim = stage.browser_of("alice").await;
    for rubbish in ["planted", "", "AAAAAAAA"] {
        // It is sent first (RFC 6265 §5.4).
        victim.inject("authsafe", "/me", rubbish);
        assert_eq!(victim.user().await.as_deref(), Some("authsafe|alice"));
    }
    // One that opens as well is somebody's session, and nobody knows whose was meant.
    let planted = stage.browser_of("bob").await.cookie("authsafe").unwrap();
    victim.inject("authsafe", "/me", &planted);
    assert_eq!(victim.user().await, None);
}

/// Alice's browser, in which somebody has planted a session of Bob's for all paths but `/`.
async fn planted_in(stage: &Stage) -> (Browser, Browser) {
    let attacker = stage.browser_of("bob").await;
    let mut alice = stage.browser_of("alice").await;
    for path in ["/me", "/api"] {
        alice.inject("authsafe", path, &attacker.cookie("authsafe").unwrap());
    }
    assert_eq!(alice.user().await, None);
    (alice, attacker)
}

#[tokio::test]
async fn who_signs_in_again_ends_what_was_planted() {
    let stage = Stage::new().await;
    let (mut alice, mut attacker) = planted_in(&stage).await;
    alice.sign_in("alice", None).await;
    assert_eq!(alice.user().await.as_deref(), Some("authsafe|alice"));
    assert_eq!(attacker.user().await, None);
}

#[tokio::test]
async fn who_signs_out_of_two_sessions_is_left_with_neither() {
    let stage = Stage::new().await;
    let (mut alice, mut attacker) = planted_in(&stage).await;
    let kept = alice.clone();
    let answer = alice.post("/api/auth/logout").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    assert_eq!(answer.removed(), ["authsafe"]);
    assert_eq!(attacker.user().await, None);
    let mut robbed = stage.browser();
    robbed.inject("authsafe", "/", &kept.session_cookies()[0].value);
    assert_eq!(robbed.user().await, None);
}

#[tokio::test]
async fn a_session_that_has_ended_beside_a_good_one_is_none() {
    let stage = Stage::new().await;
    let mut bob = stage.browser_of("bob").await;
    let over = bob.cookie("authsafe").unwrap();
    bob.post("/api/auth/logout").await;
    let mut alice = stage.browser_of("alice").await;
    alice.inject("authsafe", "/me", &over);
    assert_eq!(alice.user().await.as_deref(), Some("authsafe|alice"));
}

#[tokio::test]
async fn of_two_states_of_one_session_the_newer_counts() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let older = alice.cookie("authsafe").unwrap();
    stage.pass(Duration::from_secs(60));
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    let issued_at = alice.fetch("/me").await.json()["issuedAt"].clone();
    alice.inject("authsafe", "/me", &older);
    assert_eq!(alice.fetch("/me").await.json()["issuedAt"], issued_at);
}

/// A browser of somebody whose session is in three pieces.
async fn in_pieces(stage: &Stage, user: &str) -> Browser {
    stage.provider.tamper_access_token(|claims| {
        claims.insert("padding".to_owned(), json!("x".repeat(5000)));
    });
    let browser = stage.browser_of(user).await;
    assert_eq!(browser.session_cookies().len(), 3);
    browser
}

#[tokio::test]
async fn planted_pieces_neither_swap_nor_spoil_a_session() {
    let stage = Stage::new().await;
    let alice = in_pieces(&stage, "alice").await;
    let bob = in_pieces(&stage, "bob").await;
    for piece in bob.session_cookies() {
        for value in ["rubbish", "3.rubbish", &piece.value] {
            let mut alice = alice.clone();
            for path in ["/me", "/api"] {
                alice.inject(&piece.name, path, value);
            }
            let user = alice.user().await;
            assert_eq!(user.as_deref(), Some("authsafe|alice"), "{}", piece.name);
        }
    }
    // Whole with its tokens, too.
    let mut spoilt = alice.clone();
    spoilt.inject("authsafe.1", "/api", "rubbish");
    assert_eq!(spoilt.post("/api/auth/refresh").await.status, 200);
    // All of them together are another session.
    let mut swapped = stage.browser();
    for piece in alice.session_cookies() {
        swapped.inject(&piece.name, "/", &piece.value);
    }
    for piece in bob.session_cookies() {
        swapped.inject(&piece.name, "/me", &piece.value);
    }
    assert_eq!(swapped.user().await, None);
}

#[tokio::test]
async fn a_whole_session_and_one_in_pieces_are_judged_alike() {
    let stage = Stage::new().await;
    let whole = stage.browser_of("alice").await;
    let mut victim = whole.clone();
    victim.inject("authsafe.0", "/me", "2.planted");
    victim.inject("authsafe.1", "/me", "planted");
    assert_eq!(victim.user().await.as_deref(), Some("authsafe|alice"));
    for piece in in_pieces(&stage, "bob").await.session_cookies() {
        victim.inject(&piece.name, "/me", &piece.value);
    }
    assert_eq!(victim.user().await, None);
}

// Other sites

#[tokio::test]
async fn another_sites_page_can_neither_sign_out_nor_refresh() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let own = stage.url.clone();
    for path in ["/api/auth/logout", "/api/auth/refresh"] {
        let foreign = [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:1"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("referer", "https://evil.example/page"),
        ];
        for (name, value) in foreign {
            let visit = alice
                .own_post(path)
                .without("origin")
                .without("sec-fetch-site");
            let answer = visit.header(name, value).send().await;
            answer.refuses(403, "foreign_origin", "Cross-site request refused");
            assert!(answer.set_cookies().is_empty(), "{name}: {value}");
        }
        // What `Sec-Fetch-Site` says, no page can forge; `Origin` does not outweigh it.
        let visit = alice.own_post(path).header("origin", &own);
        let answer = visit.header("sec-fetch-site", "cross-site").send().await;
        answer.refuses(403, "foreign_origin", "Cross-site request refused");
    }
    assert_eq!(alice.user().await.as_deref(), Some("authsafe|alice"));
    assert_eq!(stage.provider.calls(Endpoint::Revoke), 0);
    assert_eq!(stage.provider.calls(Endpoint::Token), 1);
}

#[tokio::test]
async fn the_apps_own_page_passes_by_each_of_the_three_headers() {
    let stage = Stage::new().await;
    let referer = format!("{}/dashboard", stage.url);
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("origin", &stage.url),
        ("referer", &referer),
        ("x-none-of-them", ""),
    ] {
        let mut browser = stage.browser_of("bob").await;
        let visit = browser.own_post("/api/auth/refresh");
        let visit = visit.without("origin").without("sec-fetch-site");
        assert_eq!(visit.header(name, value).send().await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn a_link_or_an_image_cannot_sign_out() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let image = alice.visit(http::Method::GET, "/api/auth/logout");
    let answer = image.header("sec-fetch-mode", "no-cors").send().await;
    answer.refuses(405, "method_not_allowed", "Method not allowed");
    let link = alice.open("/api/auth/logout").await;
    assert_eq!(link.status, 200);
    assert!(link.body.contains("<h1>Sign out?</h1>") && link.set_cookies().is_empty());
    assert!(alice.user().await.is_some());
}

// Refresh

#[tokio::test]
async fn a_refresh_that_comes_back_as_somebody_else_ends_the_session() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let swap = |claims: &mut Map<String, Value>| {
        drop(claims.insert("sub".to_owned(), json!("authsafe|bob")));
    };
    stage.provider.tamper_id_token(swap);
    stage.provider.tamper_access_token(swap);
    let answer = alice.post("/api/auth/refresh").await;
    is_invalid_token(&answer);
    assert_eq!(answer.removed(), ["authsafe"]);
    assert_eq!(alice.user().await, None);
}

#[tokio::test]
async fn a_refresh_with_somebody_elses_access_token_alone_ends_the_session() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    stage
        .provider
        .tamper_token_response(|answer| drop(answer.remove("id_token")));
    stage.provider.tamper_access_token(|claims| {
        claims.insert("sub".to_owned(), json!("authsafe|bob"));
    });
    is_invalid_token(&alice.post("/api/auth/refresh").await);
    assert_eq!(alice.user().await, None);
}

#[tokio::test]
async fn a_refresh_token_that_was_revoked_ends_the_session() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    stage.provider.revoke_all();
    let answer = alice.post("/api/auth/refresh").await;
    answer.refuses(401, "session_ended", "Session ended");
    assert_eq!(answer.removed(), ["authsafe"]);
    assert_eq!(alice.user().await, None);
}

#[tokio::test]
async fn a_refresh_token_that_was_stolen_and_used_ends_both_sessions() {
    let stage = Stage::new().await;
    let other = stage.another_machine().await;
    let mut alice = stage.browser_of("alice").await;
    let mut thief = alice.clone().at(&other);
    assert_eq!(thief.post("/api/auth/refresh").await.status, 200);
    // Who comes a moment later is taken for another tab; after that, for somebody else.
    stage.pass(Duration::from_secs(31));
    assert_eq!(alice.post("/api/auth/refresh").await.status, 401);
    assert_eq!(thief.post("/api/auth/refresh").await.status, 401);
}

#[tokio::test]
async fn the_callback_path_alone_says_nothing() {
    let stage = Stage::new().await;
    is_unknown_state(&stage.browser().open(CALLBACK).await);
}

fn base64_of(text: &str, bytes: usize) -> Vec<u8> {
    let mut decoded: Vec<u8> = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for c in text.bytes() {
        bits = bits << 6 | ALPHABET.iter().position(|&it| it == c).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push((bits >> held) as u8);
        }
        if decoded.len() == bytes {
            break;
        }
    }
    decoded
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for at in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * at)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// Base64url (RFC 4648 §5).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
