//! Guards of every kind, and the sign-in that a guard asks for again.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::{
    require, require_auth, require_org, require_permission, require_recent, require_role,
};
use authsafe_tests::{Answer, Browser, Stage, auth};
use axum::Router;
use axum::routing::get;
use http::{Method, header};

#[require_auth]
async fn signed_in() {}

#[require_role("admin")]
async fn role() {}

#[require_permission(all("users:read", "users:write"))]
async fn permission() {}

#[require_org("org_demo")]
async fn org() {}

#[require_org(any("org_1", "org_2"))]
async fn other_orgs() {}

#[require(all(scope("profile"), any(org("org_1"), not(role("admin")))))]
async fn tree() {}

#[require_recent(max_age = "5m")]
async fn recent() -> &'static str {
    "recent"
}

#[require_role("admin")]
#[require_recent(max_age = "5m")]
async fn role_and_recent() {}

#[require(any(recent("5m"), role("admin")))]
async fn recent_or_role() {}

#[require(all(role("admin"), not(recent("5m"))))]
async fn long_ago() {}

#[require(all(recent("1h"), not(recent("5m"))))]
async fn between() {}

#[require_role("admin")]
mod guarded {
    pub(crate) async fn page() {}

    #[authsafe::public]
    pub(crate) async fn health() {}
}

#[require_role("admin")]
#[require_org("org_demo")]
mod guarded_twice {
    pub(crate) async fn page() {}
}

const ASKED_AGAIN: &str = "/api/auth/signin?returnTo=%2Frecent&max_age=300";

async fn stage() -> Stage {
    let pages = Router::new()
        .route("/signed-in", get(signed_in))
        .route("/role", get(role))
        .route("/permission", get(permission))
        .route("/org", get(org))
        .route("/other-orgs", get(other_orgs))
        .route("/tree", get(tree))
        .route("/guarded", get(guarded::page))
        .route("/guarded/health", get(guarded::health))
        .route("/guarded-twice", get(guarded_twice::page))
        .route("/recent", get(recent).post(recent))
        .route("/role-and-recent", get(role_and_recent))
        .route("/recent-or-role", get(recent_or_role))
        .route("/long-ago", get(long_ago))
        .route("/between", get(between))
        .route(
            "/me",
            get(async |session: authsafe::Session| axum::Json(session)),
        );
    Stage::builder().pages(pages).start().await
}

async fn statuses(browser: &mut Browser) -> Vec<(&'static str, u16)> {
    let mut statuses = Vec::new();
    for page in [
        "/signed-in",
        "/role",
        "/permission",
        "/org",
        "/other-orgs",
        "/tree",
    ] {
        statuses.push((page, browser.open(page).await.status.as_u16()));
    }
    statuses
}

#[tokio::test]
async fn each_guard_lets_in_whom_it_says() {
    let stage = stage().await;
    assert_eq!(
        statuses(&mut stage.browser_of("alice").await).await,
        [
            ("/signed-in", 200),
            ("/role", 200),
            ("/permission", 200),
            ("/org", 200),
            ("/other-orgs", 403),
            ("/tree", 403),
        ]
    );
    assert_eq!(
        statuses(&mut stage.browser_of("bob").await).await,
        [
            ("/signed-in", 200),
            ("/role", 403),
            ("/permission", 403),
            ("/org", 200),
            ("/other-orgs", 403),
            ("/tree", 200),
        ]
    );
}

#[tokio::test]
async fn a_guard_on_a_module_guards_what_is_not_public() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/guarded").await.status, 200);
    let refused = stage.browser_of("bob").await.open("/guarded").await;
    refused.refuses(403, "forbidden", "Insufficient permission");
    assert_eq!(stage.browser().open("/guarded").await.status, 303);
    assert_eq!(stage.browser().open("/guarded/health").await.status, 200);
}

#[tokio::test]
async fn each_guard_on_a_module_counts() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/guarded-twice").await.status, 200);
    // Of the organization, and no admin.
    let refused = stage.browser_of("bob").await.open("/guarded-twice").await;
    refused.refuses(403, "forbidden", "Insufficient permission");
}

#[tokio::test]
async fn who_is_signed_out_passes_no_guard_and_not_a_negated_one_either() {
    let stage = stage().await;
    for (page, status) in statuses(&mut stage.browser()).await {
        assert_eq!(status, 303, "{page}");
    }
    let told = stage.browser().fetch("/tree").await;
    told.refuses(401, "unauthenticated", "Sign-in required");
}

/// Goes where a guard sends, signs in, and opens the page that the callback sends to.
async fn sign_in_again(browser: &mut Browser, sent: &Answer) -> Answer {
    let started = browser.open(sent.location()).await;
    let asked = started.location().ends_with("&max_age=300");
    assert!(asked, "{started:#?}");
    let chosen = browser.choose("alice", &started).await;
    let callback = browser.open(chosen.next().as_str()).await;
    if callback.status != 303 {
        return callback;
    }
    assert_eq!(callback.location(), "/recent");
    browser.open(callback.location()).await
}

#[tokio::test]
async fn who_signed_in_too_long_ago_signs_in_again_and_comes_back() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/recent").await.body, "recent");
    stage.pass(Duration::from_secs(330));
    let sent = alice.open("/recent").await;
    assert_eq!(sent.location(), ASKED_AGAIN);
    assert_eq!(sent.header(header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(sign_in_again(&mut alice, &sent).await.body, "recent");
}

#[tokio::test]
async fn who_is_signed_out_signs_in_once_and_not_twice() {
    let stage = stage().await;
    let mut browser = stage.browser();
    let sent = browser.open("/recent").await;
    assert_eq!(sent.location(), ASKED_AGAIN);
    assert_eq!(sign_in_again(&mut browser, &sent).await.body, "recent");
}

#[tokio::test]
async fn what_is_no_navigation_is_told_that_a_new_sign_in_is_needed() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.post("/recent").await.body, "recent");
    stage.pass(Duration::from_secs(330));
    for answer in [alice.fetch("/recent").await, alice.post("/recent").await] {
        answer.refuses(401, "reauthentication_required", "Recent sign-in required");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), Some("Session"));
    }
    let head = alice.visit(Method::HEAD, "/recent").send().await;
    assert_eq!(head.status, 401);
}

#[tokio::test]
async fn without_auth_time_nobody_passes_and_nobody_goes_round_in_circles() {
    let stage = stage().await;
    stage.provider.tamper_id_token(|claims| {
        claims.remove("auth_time");
    });
    let mut alice = stage.browser_of("alice").await;
    let fetched = alice.fetch("/recent").await;
    fetched.refuses(401, "reauthentication_required", "Recent sign-in required");
    let sent = alice.open("/recent").await;
    let refused = sign_in_again(&mut alice, &sent).await;
    refused.refuses(502, "invalid_id_token", "Invalid ID token");
    assert!(alice.user().await.is_some());
}

#[tokio::test]
async fn a_provider_that_does_not_ask_again_is_refused() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    stage.pass(Duration::from_secs(330));
    // A minute is what clocks may differ by.
    let long_ago = stage.clock.now() - 361;
    for auth_time in [long_ago, stage.clock.now() + 3600] {
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("auth_time".to_owned(), auth_time.into());
        });
        let sent = alice.open("/recent").await;
        let refused = sign_in_again(&mut alice, &sent).await;
        refused.refuses(502, "invalid_id_token", "Invalid ID token");
    }
}

#[tokio::test]
async fn a_provider_whose_clock_is_behind_sends_nobody_round_in_circles() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    stage.pass(Duration::from_secs(330));
    let behind = stage.clock.now() - 340;
    stage.provider.tamper_id_token(move |claims| {
        claims.insert("auth_time".to_owned(), behind.into());
    });
    let sent = alice.open("/recent").await;
    assert_eq!(sign_in_again(&mut alice, &sent).await.status, 200);
    // And no longer than the leeway allows.
    stage.pass(Duration::from_secs(21));
    assert_eq!(alice.open("/recent").await.status, 303);
}

#[tokio::test]
async fn who_may_not_anyway_is_not_sent_to_sign_in_again() {
    let stage = stage().await;
    let mut bob = stage.browser_of("bob").await;
    let mut alice = stage.browser_of("alice").await;
    stage.pass(Duration::from_secs(330));
    let refused = bob.open("/role-and-recent").await;
    refused.refuses(403, "forbidden", "Insufficient permission");
    assert_eq!(alice.open("/role-and-recent").await.status, 303);
}

#[tokio::test]
async fn a_new_sign_in_is_one_of_the_ways_in() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    let mut bob = stage.browser_of("bob").await;
    assert_eq!(bob.open("/recent-or-role").await.status, 200);
    stage.pass(Duration::from_secs(330));
    assert_eq!(alice.open("/recent-or-role").await.status, 200);
    let sent = bob.open("/recent-or-role").await;
    assert!(sent.location().ends_with("&max_age=300"), "{sent:#?}");
    let told = bob.fetch("/recent-or-role").await;
    told.refuses(401, "reauthentication_required", "Recent sign-in required");
}

#[tokio::test]
async fn who_signs_in_again_as_somebody_who_may_not_is_refused_and_not_sent_round() {
    let stage = stage().await;
    let mut browser = stage.browser_of("alice").await;
    stage.pass(Duration::from_secs(330));
    let sent = browser.open("/role-and-recent").await;
    let started = browser.open(sent.location()).await;
    let chosen = browser.choose("bob", &started).await;
    let callback = browser.open(chosen.next().as_str()).await;
    assert_eq!(callback.location(), "/role-and-recent");
    let refused = browser.open(callback.location()).await;
    refused.refuses(403, "forbidden", "Insufficient permission");
}

#[tokio::test]
async fn no_new_sign_in_is_asked_for_where_it_makes_nobody_pass() {
    let stage = stage().await;
    let sent = stage.browser().open("/long-ago").await;
    assert_eq!(sent.location(), "/api/auth/signin?returnTo=%2Flong-ago");
    let mut alice = stage.browser_of("alice").await;
    for page in ["/long-ago", "/between"] {
        let refused = alice.open(page).await;
        refused.refuses(403, "forbidden", "Insufficient permission");
    }
    stage.pass(Duration::from_secs(330));
    assert_eq!(alice.open("/long-ago").await.status, 200);
    assert_eq!(alice.open("/between").await.status, 200);
    let sent = stage.browser().open("/between").await;
    assert!(sent.location().ends_with("&max_age=3600"), "{sent:#?}");
}

#[tokio::test]
async fn a_refresh_does_not_make_a_sign_in_recent() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    stage.pass(Duration::from_secs(330));
    let now = stage.clock.now();
    stage.provider.tamper_id_token(move |claims| {
        claims.insert("auth_time".to_owned(), now.into());
    });
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    assert_eq!(alice.open("/recent").await.location(), ASKED_AGAIN);
}
