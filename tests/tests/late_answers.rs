//! Answers that overtake one another: what is sent last must not undo what happened meanwhile.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::__private::{SessionSpec, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::{Session, SessionData, Spec};
use authsafe_tests::peers::{Setup, alike_in};
use authsafe_tests::{Answer, Browser, Door, Stage, Waiting, app, auth};
use axum::extract::{Path, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{Method, StatusCode};

const MINUTE: Duration = Duration::from_secs(60);

static IDLE: Spec = spec(SpecParts {
    session: SessionSpec {
        idle: Some(Duration::from_secs(600)),
        ..SessionSpec::DEFAULT
    },
    ..*parts(auth::SPEC)
});

async fn slow(_: Session, Extension(door): Extension<Door>) {
    door.wait().await;
}

async fn slow_option(_: Option<Session>, Extension(door): Extension<Door>) {
    door.wait().await;
}

async fn slow_set(data: SessionData, Extension(door): Extension<Door>) {
    data.set("slow", &true).unwrap();
    door.wait().await;
}

async fn set(data: SessionData, Path(name): Path<String>) {
    data.set(&name, &true).unwrap();
}

async fn has(session: Session, Path(name): Path<String>) -> String {
    session.get::<bool>(&name).is_some().to_string()
}

fn pages() -> Router {
    app::pages()
        .route("/slow", get(slow))
        .route("/slow_option", get(slow_option))
        .route("/slow_set", post(slow_set))
        .route("/set/{name}", post(set))
        .route("/has/{name}", get(has))
}

async fn stage(spec: &'static Spec) -> (Stage, Browser) {
    let stage = Stage::builder().spec(spec).pages(pages()).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let alice = stage.browser_of("alice").await;
    (stage, alice)
}

/// A tab, and what its request is answered with in the end.
struct Late {
    tab: Browser,
    answer: Answer,
}

/// Another tab's request, whose handler waits at the door.
async fn slow_get(stage: &Stage, browser: &Browser) -> Waiting<Late> {
    let mut tab = browser.clone();
    let request = async move {
        let answer = tab.fetch("/slow").await;
        Late { tab, answer }
    };
    stage.door.stops(request).await
}

/// The same, of one that keeps data.
async fn slow_post(stage: &Stage, browser: &Browser) -> Waiting<Late> {
    let mut tab = browser.clone();
    let request = async move {
        let answer = tab.post("/slow_set").await;
        Late { tab, answer }
    };
    stage.door.stops(request).await
}

#[tokio::test]
async fn a_slow_answer_does_not_bring_spent_tokens_back() {
    let (stage, mut alice) = stage(&IDLE).await;
    stage.pass(2 * MINUTE);
    let slow = slow_get(&stage, &alice).await;
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    let Late { mut tab, answer } = slow.let_through().await;
    assert!(answer.makes_a_session());
    // Once nobody remembers the refresh, the tokens of the slow answer must still be good.
    stage.pass(Duration::from_secs(40));
    assert_eq!(tab.post("/api/auth/refresh").await.status, 200);
}

#[tokio::test]
async fn data_that_is_kept_late_is_kept_on_top_of_what_came_meanwhile() {
    let (stage, mut alice) = stage(auth::SPEC).await;
    let slow = slow_post(&stage, &alice).await;
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    alice.post("/set/quick").await;
    let mut tab = slow.let_through().await.tab;
    assert_eq!(tab.fetch("/has/quick").await.body, "true");
    assert_eq!(tab.fetch("/has/slow").await.body, "true");
    stage.pass(Duration::from_secs(40));
    assert_eq!(tab.post("/api/auth/refresh").await.status, 200);
}

#[tokio::test]
async fn a_slow_answer_after_logout_removes_the_session_again() {
    let (stage, mut alice) = stage(&IDLE).await;
    stage.pass(2 * MINUTE);
    let slow = slow_get(&stage, &alice).await;
    alice.post("/api/auth/logout").await;
    let answer = slow.let_through().await.answer;
    assert!(!answer.makes_a_session());
    assert_eq!(answer.removed(), ["authsafe"]);
}

#[tokio::test]
async fn data_that_is_kept_late_brings_nothing_back_that_was_taken_away() {
    let (stage, mut alice) = stage(auth::SPEC).await;
    let slow = slow_post(&stage, &alice).await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("scope".to_owned(), "openid offline_access".into());
    });
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    stage.pass(Duration::from_secs(40));
    let mut tab = slow.let_through().await.tab;
    assert_eq!(tab.fetch("/has/slow").await.body, "true");
    assert_eq!(tab.fetch("/admin/dashboard").await.status, 403);
}

#[tokio::test]
async fn a_late_tab_gets_the_newest_session_and_not_that_of_the_refresh() {
    let (stage, mut alice) = stage(auth::SPEC).await;
    stage.pass(4 * MINUTE);
    let mut late = alice.clone();
    alice.fetch("/me").await;
    alice.post("/set/since").await;
    late.fetch("/me").await;
    assert_eq!(late.fetch("/has/since").await.body, "true");
}

#[tokio::test]
async fn a_middleware_that_reads_the_session_does_not_outdo_callback_and_logout() {
    async fn look(_: Option<Session>, request: Request, next: Next) -> Response {
        next.run(request).await
    }
    let pages = app::pages();
    let stage = Stage::builder()
        .spec(&IDLE)
        .pages(pages)
        .around(|router| router.layer(from_fn(look)))
        .start()
        .await;
    let mut browser = stage.browser_of("alice").await;
    stage.pass(2 * MINUTE);
    browser.sign_in("bob", None).await;
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|bob"));
    stage.pass(2 * MINUTE);
    let logout = browser.post("/api/auth/logout").await;
    assert!(!logout.makes_a_session());
}

mod a_session_that_was_replaced {
    use super::*;

    const REFUSED: &str = r#"{"error":"invalid_grant"}"#;

    #[track_caller]
    fn leaves_the_cookie(answer: &Answer) {
        assert!(answer.removed().is_empty(), "{answer:#?}");
        assert!(!answer.makes_a_session(), "{answer:#?}");
    }

    #[tokio::test]
    async fn by_a_sign_in_does_not_take_its_cookie() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        let slow = slow_post(&stage, &alice).await;
        alice.sign_in("alice", None).await;
        leaves_the_cookie(&slow.let_through().await.answer);
    }

    #[tokio::test]
    async fn by_a_sign_in_after_a_logout_does_not_either() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        let slow = slow_post(&stage, &alice).await;
        alice.post("/api/auth/logout").await;
        alice.sign_in("alice", None).await;
        leaves_the_cookie(&slow.let_through().await.answer);
    }

    #[tokio::test]
    async fn after_the_provider_ended_it_does_not_either() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        stage.pass(6 * MINUTE);
        let refused = StatusCode::BAD_REQUEST;
        stage
            .provider
            .answer_next(Endpoint::Token, refused, REFUSED);
        let mut tab = alice.clone();
        let slow = stage
            .door
            .stops(async move { tab.open("/slow_option").await });
        let slow = slow.await;
        alice.sign_in("alice", None).await;
        leaves_the_cookie(&slow.let_through().await);
    }

    #[tokio::test]
    async fn while_it_was_refreshed_does_not_either() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        let calls = stage.provider.calls(Endpoint::Token);
        let a_while = Duration::from_millis(600);
        stage.provider.delay(Endpoint::Token, a_while);
        let mut tab = alice.clone();
        let late = tokio::spawn(async move { tab.post("/api/auth/refresh").await });
        authsafe_tests::eventually("the refresh", || {
            stage.provider.calls(Endpoint::Token) > calls
        })
        .await;
        stage.provider.delay(Endpoint::Token, Duration::ZERO);
        alice.post("/api/auth/logout").await;
        alice.sign_in("alice", None).await;
        leaves_the_cookie(&late.await.unwrap());
    }

    static WITH_SESSION: Spec = spec(SpecParts {
        paths: authsafe::__private::Paths {
            session: Some("session"),
            ..authsafe::__private::Paths::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    #[tokio::test]
    async fn leaves_the_next_one_alone_on_axum_actix_and_hyper() {
        let setup = Setup {
            spec: &WITH_SESSION,
            ..Setup::default()
        };
        let told = alike_in(setup, async |peer, tale| {
            peer.provider.set_access_token_lifetime(5 * MINUTE);
            for (method, path) in [
                ("GET", "/dashboard"),
                ("GET", "/api/auth/session"),
                ("POST", "/api/auth/refresh"),
            ] {
                let mut alice = peer.browser_of("alice").await;
                peer.pass(6 * MINUTE);
                let mut tab = alice.clone();
                let calls = peer.provider.calls(Endpoint::Token);
                peer.provider
                    .delay(Endpoint::Token, Duration::from_millis(600));
                let late = async {
                    match method {
                        "POST" => tab.post(path).await,
                        _ => tab.fetch(path).await,
                    }
                };
                let next = async {
                    while peer.provider.calls(Endpoint::Token) == calls {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    peer.provider.delay(Endpoint::Token, Duration::ZERO);
                    alice.sign_in("alice", None).await;
                };
                let (late, ()) = tokio::join!(late, next);
                leaves_the_cookie(&late);
                tale.tell(path, &late);
            }
            let mut alice = peer.browser_of("alice").await;
            let (mut tab, mut old) = (alice.clone(), alice.clone());
            let (late, ()) = tokio::join!(tab.post("/slow"), async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                alice.sign_in("alice", None).await;
            });
            leaves_the_cookie(&late);
            tale.tell("slow", &late);
            let logout = old.post("/api/auth/logout").await;
            leaves_the_cookie(&logout);
            tale.tell("logout", &logout);
            tale.tell("next", &alice.fetch("/dashboard").await);
        })
        .await;
        for answer in [
            "/dashboard: 401",
            "/api/auth/session: 401",
            "/api/auth/refresh: 401",
            "slow: 200",
            "logout: 303",
            "next: 200",
        ] {
            assert!(told.iter().any(|it| it.starts_with(answer)), "{told:#?}");
        }
    }

    /// The app on two machines: the stage's own, and another.
    async fn two_machines() -> (Stage, Browser, authsafe::Auth) {
        let (stage, alice) = stage(auth::SPEC).await;
        let state = authsafe::store::Memory::default();
        let other = stage.again().await.with_shared_state(state.clone());
        let _ = stage.auth.clone().with_shared_state(state);
        (stage, alice, other)
    }

    #[tokio::test]
    async fn on_another_machine_does_not_take_its_cookie() {
        let (stage, mut alice, other) = two_machines().await;
        let slow = slow_post(&stage, &alice).await;
        let started = alice.start(None).await;
        let back = alice.choose("alice", &started).await;
        let callback = alice.request(Method::GET, back.location());
        assert_eq!(other.callback(&callback).await.status(), 303);
        leaves_the_cookie(&slow.let_through().await.answer);
    }

    #[tokio::test]
    async fn or_lost_a_right_on_another_machine_does_not_come_back() {
        for (later, is_written) in [(10, true), (40, false)] {
            let (stage, alice, other) = two_machines().await;
            let slow = slow_post(&stage, &alice).await;
            stage.provider.tamper_access_token(|claims| {
                claims.insert("scope".to_owned(), "openid offline_access".into());
            });
            let refresh = alice.request(Method::POST, "/api/auth/refresh");
            assert_eq!(other.refresh(&refresh).await.status(), 200);
            stage.pass(Duration::from_secs(later));
            let Late { mut tab, answer } = slow.let_through().await;
            assert_eq!(answer.makes_a_session(), is_written);
            if is_written {
                assert_eq!(tab.fetch("/admin/dashboard").await.status, 403);
                assert_eq!(tab.fetch("/has/slow").await.body, "true");
            }
        }
    }
}

mod what_ends {
    use super::*;

    #[tokio::test]
    async fn a_session_ends_max_age_after_sign_in_however_often_it_is_refreshed() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        for _ in 0..14 {
            stage.pass(4 * MINUTE);
            assert_eq!(alice.fetch("/me").await.status, 200);
        }
        stage.pass(4 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn it_ends_with_the_providers_own_where_that_ends_before() {
        let stage = Stage::new().await;
        let ends = stage.clock.now() + 900;
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("session_expiry".to_owned(), ends.into());
        });
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(alice.fetch("/me").await.json()["expiresAt"], ends);
        stage.pass(15 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn one_that_has_ended_before_it_begins_is_no_sign_in() {
        let stage = Stage::new().await;
        let ended = stage.clock.now();
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("session_expiry".to_owned(), ended.into());
        });
        let answer = stage.browser().callback("alice").await;
        answer.refuses(502, "invalid_id_token", "Invalid ID token");
    }

    #[tokio::test]
    async fn a_session_that_another_users_replaced_is_over_with_its_refresh_token() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        let mut copy = alice.clone();
        let before = stage.provider.calls(Endpoint::Revoke);
        alice.sign_in("bob", None).await;
        assert_eq!(copy.fetch("/me").await.status, 401);
        authsafe_tests::eventually("the revocation", || {
            stage.provider.calls(Endpoint::Revoke) > before
        })
        .await;
    }

    #[tokio::test]
    async fn copies_of_a_session_end_when_the_provider_ends_it() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        let mut copy = alice.clone();
        stage.provider.revoke_all();
        assert_eq!(alice.post("/api/auth/refresh").await.status, 401);
        assert_eq!(copy.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn a_refresh_that_the_provider_will_never_take_means_signing_in_again() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        stage.pass(6 * MINUTE);
        let body = r#"{"error":"unauthorized_client"}"#;
        let unauthorized = StatusCode::UNAUTHORIZED;
        stage
            .provider
            .answer_next(Endpoint::Token, unauthorized, body);
        let answer = alice.fetch("/me").await;
        answer.refuses(401, "unauthenticated", "Sign-in required");
    }

    #[tokio::test]
    async fn a_new_refresh_token_is_kept_while_its_tokens_cannot_be_checked() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        stage.provider.rotate_keys().unwrap();
        stage.provider.retire_old_keys();
        stage.pass(Duration::from_secs(11));
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        stage.provider.answer_next(Endpoint::Jwks, unavailable, "");
        assert_eq!(alice.post("/api/auth/refresh").await.status, 503);
        stage.pass(Duration::from_secs(2));
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    }
}

mod what_is_granted {
    use super::*;

    /// Bob at Alice's page, after tokens of this kind.
    async fn bob_at_the_admin_page(stage: &Stage) -> u16 {
        let mut bob = stage.browser_of("bob").await;
        bob.open("/admin/dashboard").await.status.as_u16()
    }

    #[tokio::test]
    async fn silence_grants_no_scope_that_opens_doors() {
        let stage = Stage::new().await;
        stage.provider.tamper_token_response(|answer| {
            answer.remove("scope");
            answer.insert("access_token".to_owned(), "opaque".into());
        });
        stage.provider.tamper_id_token(|claims| {
            claims.remove("at_hash");
        });
        assert_eq!(bob_at_the_admin_page(&stage).await, 403);
    }

    #[tokio::test]
    async fn an_access_token_with_a_wrong_signature_grants_nothing() {
        let stage = Stage::new().await;
        stage.provider.tamper_token_response(|answer| {
            answer.remove("scope");
            let token = answer["access_token"].as_str().unwrap();
            let (signed, _) = token.rsplit_once('.').unwrap();
            let forged = format!("{signed}.AAAA");
            answer.insert("access_token".to_owned(), forged.into());
        });
        stage.provider.tamper_id_token(|claims| {
            claims.remove("at_hash");
        });
        assert_eq!(bob_at_the_admin_page(&stage).await, 403);
    }

    #[tokio::test]
    async fn a_scope_that_a_readable_access_token_no_longer_names_is_gone_after_a_refresh() {
        let (stage, mut alice) = stage(auth::SPEC).await;
        stage.provider.tamper_access_token(|claims| {
            claims.remove("scope");
            claims.remove("org_id");
        });
        stage.provider.tamper_token_response(|answer| {
            answer.remove("scope");
        });
        stage.provider.tamper_id_token(|claims| {
            claims.remove("org_id");
        });
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_eq!(alice.open("/admin/dashboard").await.status, 403);
        let me = alice.fetch("/me").await.json();
        assert!(me["organizationId"].is_null(), "{me}");
    }

    #[tokio::test]
    async fn apps_that_share_a_cookie_secret_do_not_take_one_anothers_sessions() {
        let one = Stage::new().await;
        let other = Stage::new().await;
        let alice = one.browser_of("alice").await;
        let cookie = format!("authsafe={}", alice.cookie("authsafe").unwrap());
        let headers = [(http::header::COOKIE, cookie.parse().unwrap())];
        let headers: http::HeaderMap = headers.into_iter().collect();
        assert!(one.auth.authenticate(&headers).await.unwrap().is_some());
        assert!(other.auth.authenticate(&headers).await.unwrap().is_none());
    }
}
