//! Sessions that survive: refreshed in time and once, and ended when they end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use authsafe::__private::{SpecParts, parts, spec};
use std::time::Duration;

use authsafe::Spec;
use authsafe::dev::Endpoint;
use authsafe_tests::{Answer, Browser, Stage, auth};
use http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

const MINUTE: Duration = Duration::from_secs(60);

/// Alice is signed in with an access token of five minutes.
async fn five_minutes() -> (Stage, Browser) {
    let stage = Stage::new().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let alice = stage.browser_of("alice").await;
    (stage, alice)
}

/// Token calls since sign-in.
fn refreshes(stage: &Stage) -> usize {
    stage.provider.calls(Endpoint::Token) - 1
}

/// `/me` in as many tabs at once.
async fn in_parallel(browser: &Browser, tabs: usize) -> Vec<Answer> {
    let mut set = JoinSet::new();
    for _ in 0..tabs {
        let mut tab = browser.clone();
        set.spawn(async move { tab.fetch("/me").await });
    }
    set.join_all().await
}

#[tokio::test]
async fn an_access_token_that_ends_soon_is_renewed_before_the_handler_runs() {
    let (stage, mut alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    let answer = alice.fetch("/me").await;
    assert_eq!(answer.status, 200);
    assert!(answer.makes_a_session());
    assert_eq!(refreshes(&stage), 1);
}

#[tokio::test]
async fn one_that_has_ended_before_it_came_lets_in_and_is_not_renewed_by_each_request() {
    for life in [json!(0), json!("0"), json!(-60)] {
        let stage = Stage::new().await;
        stage.provider.tamper_token_response(move |answer| {
            answer.insert("expires_in".to_owned(), life.clone());
        });
        let mut alice = stage.browser_of("alice").await;
        stage.pass(MINUTE);
        for _ in 0..5 {
            assert_eq!(alice.fetch("/me").await.status, 200);
            stage.pass(Duration::from_secs(2));
        }
        assert_eq!(refreshes(&stage), 1);
    }
}

#[tokio::test]
async fn one_that_does_not_is_left_alone() {
    let (stage, mut alice) = five_minutes().await;
    stage.pass(3 * MINUTE);
    assert!(!alice.fetch("/me").await.makes_a_session());
    assert_eq!(refreshes(&stage), 0);
}

#[tokio::test]
async fn a_hundred_requests_in_parallel_make_one_token_call_and_get_a_hundred_good_answers() {
    let (stage, alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    let answers = in_parallel(&alice, 100).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(answers.iter().all(Answer::makes_a_session));
    assert_eq!(refreshes(&stage), 1);
}

#[tokio::test]
async fn a_tab_that_comes_late_with_the_old_cookie_gets_the_new_session() {
    let (stage, mut alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    let mut late = alice.clone();
    alice.fetch("/me").await;
    stage.pass(Duration::from_secs(29));
    assert!(late.fetch("/me").await.makes_a_session());
    assert_eq!(refreshes(&stage), 1);
    assert_eq!(late.fetch("/me").await.status, 200);
}

#[tokio::test]
async fn a_tab_that_comes_later_still_does_not_spend_the_old_refresh_token_again() {
    for seconds in [31, 60, 119] {
        let (stage, mut alice) = five_minutes().await;
        stage.pass(4 * MINUTE);
        let mut late = alice.clone();
        alice.fetch("/me").await;
        stage.pass(Duration::from_secs(seconds));
        assert!(late.fetch("/me").await.makes_a_session());
        assert_eq!(refreshes(&stage), 1);
        // It goes on from there, and so does the first one.
        stage.pass(3 * MINUTE);
        assert_eq!(late.fetch("/me").await.status, 200);
        assert_eq!(alice.fetch("/me").await.status, 200);
        assert!(refreshes(&stage) <= 2);
    }
}

#[tokio::test]
async fn who_keeps_an_old_cookie_is_served_by_new_exchanges_where_refresh_tokens_stay_good() {
    let (stage, mut alice) = five_minutes().await;
    stage.provider.set_refresh_rotation(false);
    stage.pass(4 * MINUTE);
    let old = alice.clone();
    alice.fetch("/me").await;
    for minute in 1..12 {
        stage.pass(MINUTE);
        // It throws away what it gets.
        let answer = old.clone().fetch("/me").await;
        assert_eq!(answer.status, 200, "{minute}");
    }
    assert!(refreshes(&stage) > 2);
}

#[tokio::test]
async fn a_cookie_from_two_refreshes_ago_brings_its_own_refresh_token() {
    let (stage, mut alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    let mut copy = alice.clone();
    alice.fetch("/me").await;
    stage.pass(4 * MINUTE);
    alice.fetch("/me").await;
    assert_eq!(refreshes(&stage), 2);
    // Which is spent: the provider hears of it.
    stage.pass(MINUTE);
    assert_eq!(copy.fetch("/me").await.status, 401);
    assert_eq!(refreshes(&stage), 3);
}

#[tokio::test]
async fn what_is_before_a_provider_that_is_away_ends_no_session() {
    for (status, body) in [
        (403, "<html>"),
        (404, "404 page not found"),
        (404, r#"{"status":404,"error":"Not Found"}"#),
        (400, r#"{"error":"temporarily_unavailable"}"#),
        (502, ""),
        (521, "<html>"),
    ] {
        let (stage, mut alice) = five_minutes().await;
        stage.pass(4 * MINUTE);
        let status = StatusCode::from_u16(status).unwrap();
        stage.provider.answer_next(Endpoint::Token, status, body);
        let answer = alice.fetch("/me").await;
        assert_eq!(answer.status, 200, "{status} {body}");
        stage.pass(Duration::from_secs(10));
        assert!(
            alice.fetch("/me").await.makes_a_session(),
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn a_browser_that_goes_away_does_not_leave_a_refresh_token_half_spent() {
    let (stage, alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    stage
        .provider
        .delay(Endpoint::Token, Duration::from_millis(200));
    let mut gone = alice.clone();
    let call = tokio::spawn(async move { gone.fetch("/me").await });
    while refreshes(&stage) == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    let mut alice = alice;
    assert_eq!(alice.fetch("/me").await.status, 200);
    assert_eq!(refreshes(&stage), 1);
}

#[tokio::test]
async fn while_the_provider_fails_a_good_access_token_still_serves() {
    for status in [429, 500, 503] {
        let (stage, mut alice) = five_minutes().await;
        stage.pass(4 * MINUTE);
        let status = StatusCode::from_u16(status).unwrap();
        stage.provider.answer_next(Endpoint::Token, status, "");
        let answer = alice.fetch("/me").await;
        assert_eq!(answer.status, 200, "{status}");
        assert!(!answer.makes_a_session(), "{status}");
        stage.pass(Duration::from_secs(10));
        assert!(alice.fetch("/me").await.makes_a_session(), "{status}");
    }
}

static WITHOUT_GRACE: Spec = spec(SpecParts {
    session: authsafe::__private::SessionSpec {
        grace: Duration::ZERO,
        ..authsafe::__private::SessionSpec::DEFAULT
    },
    ..*parts(auth::SPEC)
});

#[tokio::test]
async fn once_it_has_run_out_the_answer_is_503_and_the_session_is_kept() {
    let stage = Stage::builder().spec(&WITHOUT_GRACE).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let mut alice = stage.browser_of("alice").await;
    stage.pass(6 * MINUTE);
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, unavailable, "");
    let answer = alice.fetch("/me").await;
    answer.refuses(
        503,
        "refresh_unavailable",
        "Session cannot be refreshed now",
    );
    stage.pass(Duration::from_secs(10));
    assert_eq!(alice.fetch("/me").await.status, 200);
}

#[tokio::test]
async fn while_the_provider_fails_not_every_request_asks_it() {
    let (stage, mut alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Token, unavailable, "");
    for _ in 0..5 {
        assert_eq!(alice.fetch("/me").await.status, 200);
    }
    assert_eq!(refreshes(&stage), 1);
}

#[tokio::test]
async fn a_refresh_token_that_the_provider_refuses_ends_the_session() {
    let (stage, mut alice) = five_minutes().await;
    stage.pass(4 * MINUTE);
    stage.provider.revoke_all();
    let answer = alice.fetch("/me").await;
    answer.refuses(401, "unauthenticated", "Sign-in required");
    assert_eq!(answer.removed(), ["authsafe"]);
}

#[tokio::test]
async fn refreshing_by_itself_can_be_switched_off() {
    static BY_HAND: Spec = spec(SpecParts {
        session: authsafe::__private::SessionSpec {
            auto_refresh: false,
            ..authsafe::__private::SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let stage = Stage::builder().spec(&BY_HAND).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let mut alice = stage.browser_of("alice").await;
    stage.pass(6 * MINUTE);
    assert_eq!(alice.fetch("/me").await.status, 200);
    assert_eq!(refreshes(&stage), 0);
}

#[tokio::test]
async fn how_early_an_access_token_is_renewed_can_be_set() {
    static TWO_MINUTES: Spec = spec(SpecParts {
        session: authsafe::__private::SessionSpec {
            refresh_before: Duration::from_secs(120),
            ..authsafe::__private::SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let stage = Stage::builder().spec(&TWO_MINUTES).start().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let mut alice = stage.browser_of("alice").await;
    stage.pass(3 * MINUTE - Duration::from_secs(1));
    assert_eq!(alice.fetch("/me").await.status, 200);
    assert_eq!(refreshes(&stage), 0);
    stage.pass(Duration::from_secs(1));
    assert_eq!(alice.fetch("/me").await.status, 200);
    assert_eq!(refreshes(&stage), 1);
}

mod grace {
    use super::*;
    use authsafe::session::AccessTokenError;
    use authsafe::{Session, SessionData};
    use authsafe_tests::peers::{Tale, alike};
    use axum::Router;
    use axum::routing::get;

    /// A page that calls an API in the user's name.
    async fn orders(session: Session) -> (StatusCode, String) {
        match session.access_token() {
            Ok(token) => (
                StatusCode::OK,
                format!("{} letters", token.expose_secret().len()),
            ),
            Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        }
    }

    async fn visits(data: SessionData) -> String {
        let visits = data.session().get("visits").unwrap_or(0) + 1;
        data.set("visits", &visits).unwrap();
        visits.to_string()
    }

    fn down(stage: &Stage, calls: usize) {
        for _ in 0..calls {
            let away = StatusCode::SERVICE_UNAVAILABLE;
            stage.provider.answer_next(Endpoint::Token, away, "");
        }
    }

    pub(super) fn pages() -> Router {
        let pages = authsafe_tests::app::pages();
        let pages = pages.merge(Router::new().route("/orders", get(orders)));
        pages.route("/visits", get(visits))
    }

    async fn with_pages() -> (Stage, Browser) {
        let stage = Stage::builder().pages(pages()).start().await;
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let alice = stage.browser_of("alice").await;
        (stage, alice)
    }

    #[tokio::test]
    async fn while_the_provider_is_down_pages_that_need_no_token_are_served() {
        alike(async |peer, tale: &mut Tale| {
            peer.provider.set_access_token_lifetime(5 * MINUTE);
            let mut alice = peer.browser_of("alice").await;
            let away = StatusCode::SERVICE_UNAVAILABLE;
            peer.provider.answer_next(Endpoint::Token, away, "");
            peer.pass(6 * MINUTE);
            for page in ["/me", "/admin/dashboard", "/", "/dashboard"] {
                let answer = alice.open(page).await;
                assert_eq!(answer.status, 200, "{page}");
                assert!(answer.set_cookies().is_empty());
                tale.tell(page, &answer);
            }
            peer.pass(Duration::from_secs(10));
            assert!(alice.fetch("/me").await.makes_a_session());
            assert_eq!(peer.provider.calls(Endpoint::Token), 3);
        })
        .await;
    }

    #[tokio::test]
    async fn it_is_down_too_where_what_is_before_it_says_so() {
        for (status, body, served) in [
            (502, "<html>", 200),
            (503, "", 200),
            (504, "", 200),
            (520, "", 200),
            (530, "", 200),
            (400, r#"{"error":"temporarily_unavailable"}"#, 200),
            // One that answers what cannot be read may have taken rights away.
            (500, "", 503),
            (200, "<html>", 503),
            (404, "404 page not found", 503),
        ] {
            let (stage, mut alice) = with_pages().await;
            let status = StatusCode::from_u16(status).unwrap();
            stage.provider.answer_next(Endpoint::Token, status, body);
            stage.pass(6 * MINUTE);
            assert_eq!(alice.fetch("/me").await.status, served, "{status} {body}");
        }
    }

    #[tokio::test]
    async fn what_needs_the_token_is_told_that_there_is_none() {
        let (stage, mut alice) = with_pages().await;
        assert_eq!(alice.fetch("/orders").await.status, 200);
        down(&stage, 1);
        stage.pass(6 * MINUTE);
        let orders = alice.fetch("/orders").await;
        assert_eq!(orders.status, 503);
        assert_eq!(orders.body, AccessTokenError::RunOut.to_string());
        stage.pass(Duration::from_secs(10));
        assert_eq!(alice.fetch("/orders").await.status, 200);
    }

    #[tokio::test]
    async fn data_that_is_kept_meanwhile_takes_no_token_away() {
        let (stage, mut alice) = with_pages().await;
        down(&stage, 1);
        stage.pass(6 * MINUTE);
        assert_eq!(alice.fetch("/visits").await.body, "1");
        assert_eq!(alice.fetch("/orders").await.status, 503);
        stage.pass(Duration::from_secs(10));
        assert_eq!(alice.fetch("/visits").await.body, "2");
        assert_eq!(alice.fetch("/orders").await.status, 200);
    }

    #[tokio::test]
    async fn is_over_an_hour_after_the_token() {
        static EIGHT_HOURS: Spec = spec(SpecParts {
            session: authsafe::__private::SessionSpec {
                max_age: Duration::from_secs(8 * 3600),
                ..authsafe::__private::SessionSpec::DEFAULT
            },
            ..*parts(auth::SPEC)
        });
        let stage = Stage::builder().spec(&EIGHT_HOURS).start().await;
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let mut alice = stage.browser_of("alice").await;
        down(&stage, 2);
        stage.pass(65 * MINUTE - Duration::from_secs(1));
        assert_eq!(alice.fetch("/me").await.status, 200);
        stage.pass(Duration::from_secs(10));
        let answer = alice.fetch("/me").await;
        answer.refuses(
            503,
            "refresh_unavailable",
            "Session cannot be refreshed now",
        );
        assert_eq!(refreshes(&stage), 2);
    }

    #[tokio::test]
    async fn is_for_nobody_whom_the_app_has_signed_out() {
        let (stage, mut alice) = five_minutes().await;
        down(&stage, 1);
        stage.pass(6 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 200);
        stage.auth.revoke_user("authsafe|alice").await.unwrap();
        let answer = alice.fetch("/me").await;
        answer.refuses(401, "unauthenticated", "Sign-in required");
    }

    #[tokio::test]
    async fn is_for_nobody_of_whom_the_provider_says_what_cannot_be_read() {
        let (stage, mut alice) = five_minutes().await;
        stage.pass(6 * MINUTE);
        stage
            .provider
            .answer_next(Endpoint::Token, StatusCode::OK, "?");
        let answer = alice.fetch("/me").await;
        answer.refuses(
            503,
            "refresh_unavailable",
            "Session cannot be refreshed now",
        );
    }

    #[tokio::test]
    async fn is_for_nobody_whose_refresh_the_provider_refuses() {
        let (stage, mut alice) = five_minutes().await;
        stage.pass(6 * MINUTE);
        stage.provider.revoke_all();
        let answer = alice.fetch("/me").await;
        answer.refuses(401, "unauthenticated", "Sign-in required");
    }
}

mod keep {
    use super::*;
    use authsafe::hooks::NewSession;
    use authsafe::session::AccessTokenError;
    use authsafe::store::Memory;
    use authsafe::{Auth, Session};
    use authsafe_tests::param;
    use authsafe_tests::peers::{Setup, Tale, alike_in};
    use url::Url;

    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        session(keep(id_token = false, access_token = false))
    )]
    mod neither {}

    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        session(keep(id_token = false, access_token = false), store = memory)
    )]
    mod in_a_store {}

    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        session(keep(id_token = false))
    )]
    mod for_apis {}

    #[authsafe::routes(
        scopes("openid", "profile", "email", "offline_access", "admin"),
        session(keep(id_token, access_token = false))
    )]
    mod for_logout {}

    async fn memory() -> Result<Memory, &'static str> {
        Ok(Memory::default())
    }

    /// Alice is signed in with an access token of five minutes.
    async fn alice(spec: &'static Spec) -> (Stage, Browser) {
        let stage = Stage::builder().spec(spec).start().await;
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let alice = stage.browser_of("alice").await;
        (stage, alice)
    }

    async fn session(alice: &Browser, auth: &Auth) -> Session {
        alice.session(auth).await.unwrap()
    }

    /// Whether there is an access token, whether there is an ID token.
    fn tokens(session: &Session) -> (Result<(), AccessTokenError>, bool) {
        let access = session.access_token();
        assert_eq!(session.tokens().is_some(), access.is_ok());
        let id = session.id_token();
        (access.map(|_| ()), id.is_some())
    }

    async fn logout(alice: &mut Browser) -> Url {
        alice.post("/api/auth/logout").await.next()
    }

    const NO_ACCESS_TOKEN: Result<(), AccessTokenError> = Err(AccessTokenError::NotKept);

    #[tokio::test]
    async fn without_tokens_a_session_is_short_and_refreshed_and_signed_out_of() {
        let setup = Setup {
            spec: neither::SPEC,
            ..Setup::default()
        };
        alike_in(setup, async |peer, tale: &mut Tale| {
            peer.provider.set_access_token_lifetime(5 * MINUTE);
            peer.provider.tamper_id_token(|claims| {
                claims.insert("padding".to_owned(), json!("x".repeat(30_000)));
            });
            peer.provider.tamper_access_token(|claims| {
                claims.insert("padding".to_owned(), json!("x".repeat(30_000)));
            });
            let mut alice = peer.browser_of("alice").await;
            for _ in 0..2 {
                let length = alice.cookie("authsafe").unwrap().len();
                assert!(length < 800, "{length}");
                peer.pass(4 * MINUTE);
                let me = alice.fetch("/me").await;
                assert_eq!((me.status.as_u16(), me.makes_a_session()), (200, true));
                tale.tell("me", &me);
            }
            assert_eq!(peer.provider.calls(Endpoint::Token), 3);
            let answer = alice.post("/api/auth/logout").await;
            let end_session = answer.next();
            tale.tell("logout", &answer);
            assert_eq!(param(&end_session, "id_token_hint"), None);
            assert_eq!(param(&end_session, "client_id").unwrap(), "app");
            let back = param(&end_session, "post_logout_redirect_uri").unwrap();
            assert_eq!(back, format!("{}/", peer.url));
            assert_eq!(alice.user().await, None);
        })
        .await;
    }

    #[tokio::test]
    async fn what_asks_for_a_token_is_told_what_to_write() {
        for spec in [neither::SPEC, in_a_store::SPEC] {
            let (stage, mut alice) = alice(spec).await;
            for _ in 0..2 {
                let session = session(&alice, &stage.auth).await;
                assert_eq!(tokens(&session), (NO_ACCESS_TOKEN, false));
                let ends = stage.clock.now() + 300;
                assert_eq!(session.access_token_expires_at(), ends);
                stage.pass(4 * MINUTE);
                assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
            }
        }
        let sentence = AccessTokenError::NotKept.to_string();
        assert!(sentence.contains("`access_token = false`"), "{sentence}");
    }

    #[tokio::test]
    async fn in_grace_too_the_token_that_is_not_kept_is_what_is_missing() {
        let stage = Stage::builder().spec(neither::SPEC).pages(grace::pages());
        let stage = stage.start().await;
        stage.provider.set_access_token_lifetime(5 * MINUTE);
        let mut alice = stage.browser_of("alice").await;
        let away = StatusCode::SERVICE_UNAVAILABLE;
        stage.provider.answer_next(Endpoint::Token, away, "");
        stage.pass(6 * MINUTE);
        let orders = alice.fetch("/orders").await;
        assert_eq!(orders.body, AccessTokenError::NotKept.to_string());
    }

    #[tokio::test]
    async fn each_token_may_be_kept_without_the_other() {
        let (stage, mut browser) = alice(for_apis::SPEC).await;
        let session = session(&browser, &stage.auth).await;
        assert_eq!(tokens(&session), (Ok(()), false));
        assert_eq!(param(&logout(&mut browser).await, "id_token_hint"), None);

        let (stage, mut browser) = alice(for_logout::SPEC).await;
        let session = self::session(&browser, &stage.auth).await;
        assert_eq!(tokens(&session), (NO_ACCESS_TOKEN, true));
        let id_token = session.id_token().unwrap();
        let hint = param(&logout(&mut browser).await, "id_token_hint");
        assert_eq!(hint.as_deref(), Some(id_token.expose_secret()));
    }

    #[tokio::test]
    async fn a_refresh_is_still_of_the_same_user_or_none() {
        let (stage, mut alice) = alice(neither::SPEC).await;
        stage
            .provider
            .tamper_id_token(|claims| drop(claims.insert("sub".to_owned(), json!("bob"))));
        let answer = alice.post("/api/auth/refresh").await;
        assert_eq!(answer.removed(), ["authsafe"], "{answer:#?}");
        assert_eq!(alice.user().await, None);
    }

    #[tokio::test]
    async fn the_hook_at_a_sign_in_has_all_tokens() {
        let stage = Stage::builder().spec(neither::SPEC).start().await;
        let _ = stage.auth.clone().on_sign_in(async |mut new: NewSession| {
            let seen = tokens(new.session()) == (Ok(()), true);
            new.set("seen", &seen).unwrap();
            Ok(new)
        });
        let alice = stage.browser_of("alice").await;
        let session = session(&alice, &stage.auth).await;
        assert_eq!(session.get::<bool>("seen"), Some(true));
        assert_eq!(tokens(&session), (NO_ACCESS_TOKEN, false));
    }

    #[tokio::test]
    async fn a_session_that_has_tokens_is_rid_of_them_by_its_next_refresh() {
        let (stage, alice) = alice(auth::SPEC).await;
        let machine = Stage::builder()
            .spec(neither::SPEC)
            .var("AUTHSAFE_DOMAIN", stage.provider.issuer());
        let machine = machine.start().await;
        let mut there = machine.browser();
        there.inject("authsafe", "/", &alice.cookie("authsafe").unwrap());
        let before = session(&there, &machine.auth).await;
        assert_eq!(tokens(&before), (Ok(()), true));
        stage
            .provider
            .tamper_token_response(|answer| drop(answer.remove("id_token")));
        assert_eq!(there.post("/api/auth/refresh").await.status, 200);
        let after = session(&there, &machine.auth).await;
        assert_eq!(tokens(&after), (NO_ACCESS_TOKEN, false));
        assert!(there.cookie("authsafe").unwrap().len() < 800);
    }
}

mod idle {
    use super::*;

    static TEN_MINUTES: Spec = spec(SpecParts {
        session: authsafe::__private::SessionSpec {
            idle: Some(Duration::from_secs(600)),
            ..authsafe::__private::SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    async fn ten_minutes() -> (Stage, Browser) {
        let stage = Stage::builder().spec(&TEN_MINUTES).start().await;
        let alice = stage.browser_of("alice").await;
        (stage, alice)
    }

    #[tokio::test]
    async fn a_session_that_nobody_uses_ends() {
        let (stage, mut alice) = ten_minutes().await;
        stage.pass(10 * MINUTE);
        assert_eq!(alice.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn a_session_in_use_does_not() {
        let (stage, mut alice) = ten_minutes().await;
        for _ in 0..4 {
            stage.pass(9 * MINUTE);
            assert_eq!(alice.fetch("/me").await.status, 200);
        }
    }

    #[tokio::test]
    async fn its_use_is_noted_only_after_a_tenth_of_the_time() {
        let (stage, mut alice) = ten_minutes().await;
        stage.pass(MINUTE);
        assert!(!alice.fetch("/me").await.makes_a_session());
        stage.pass(Duration::from_secs(1));
        assert!(alice.fetch("/me").await.makes_a_session());
        assert!(!alice.fetch("/me").await.makes_a_session());
        assert_eq!(refreshes(&stage), 0);
    }
}

mod ended {
    use super::*;

    #[tokio::test]
    async fn after_logout_a_cookie_that_somebody_kept_is_refused() {
        let (_stage, mut alice) = five_minutes().await;
        let mut copy = alice.clone();
        alice.post("/api/auth/logout").await;
        assert_eq!(copy.fetch("/me").await.status, 401);
        assert_eq!(copy.post("/api/auth/refresh").await.status, 401);
    }

    #[tokio::test]
    async fn a_refresh_under_way_during_logout_does_not_bring_the_session_back() {
        let (stage, mut alice) = five_minutes().await;
        stage.pass(4 * MINUTE);
        stage
            .provider
            .delay(Endpoint::Token, Duration::from_millis(200));
        let mut tab = alice.clone();
        let under_way = tokio::spawn(async move {
            tab.fetch("/me").await;
            tab.fetch("/me").await
        });
        while refreshes(&stage) == 0 {
            tokio::task::yield_now().await;
        }
        alice.post("/api/auth/logout").await;
        assert_eq!(under_way.await.unwrap().status, 401);
    }

    #[tokio::test]
    async fn an_administrator_ends_all_sessions_of_a_user_and_of_nobody_else() {
        let stage = Stage::new().await;
        let mut one = stage.browser_of("alice").await;
        let mut two = stage.browser_of("alice").await;
        let mut bob = stage.browser_of("bob").await;
        stage.auth.revoke_user("authsafe|alice").await.unwrap();
        assert_eq!(one.fetch("/me").await.status, 401);
        assert_eq!(two.fetch("/me").await.status, 401);
        assert_eq!(bob.fetch("/me").await.status, 200);
        stage.pass(Duration::from_secs(1));
        assert!(stage.browser_of("alice").await.user().await.is_some());
    }

    #[tokio::test]
    async fn who_signs_in_within_the_second_of_such_an_end_is_signed_in() {
        use authsafe_tests::peers::{Tale, alike};
        alike(async |peer, tale: &mut Tale| {
            let mut before = peer.browser_of("alice").await;
            // A sign-in under way: the code is there, and its callback comes after the end.
            let mut next = peer.browser();
            let started = next.start(None).await;
            let back = next.choose("alice", &started).await;
            tale.tell("end", &before.clone().post("/end").await);
            next.open(back.location()).await;
            for (who, browser) in [("before", &mut before), ("next", &mut next)] {
                tale.tell(who, &browser.fetch("/me").await);
            }
            tale.tell("end", &next.clone().post("/end").await);
            let mut third = peer.browser_of("alice").await;
            let statuses = [
                before.fetch("/me").await.status,
                next.fetch("/me").await.status,
                third.fetch("/me").await.status,
            ];
            assert_eq!(statuses, [401, 401, 200]);
        })
        .await;
    }

    #[tokio::test]
    async fn a_callback_that_is_under_way_at_such_an_end_signs_nobody_in() {
        let stage = Stage::new().await;
        let mut alice = stage.browser();
        let started = alice.start(None).await;
        let back = alice.choose("alice", &started).await;
        stage
            .provider
            .delay(Endpoint::Token, Duration::from_millis(300));
        let before = stage.provider.calls(Endpoint::Token);
        let under_way = tokio::spawn(async move {
            alice.open(back.location()).await;
            alice
        });
        while stage.provider.calls(Endpoint::Token) == before {
            tokio::task::yield_now().await;
        }
        stage.auth.revoke_user("authsafe|alice").await.unwrap();
        let mut alice = under_way.await.unwrap();
        assert_eq!(alice.user().await, None);
    }

    #[tokio::test]
    async fn a_user_is_ended_under_either_spelling_of_the_subject() {
        let stage = Stage::builder().spec(&AUTHSAFES).start().await;
        let mut alice = stage.browser_of("alice").await;
        stage.auth.revoke_user("alice").await.unwrap();
        assert_eq!(alice.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn at_another_provider_the_other_spelling_is_another_user() {
        let stage = Stage::new().await;
        let mut alice = stage.browser_of("alice").await;
        stage.auth.revoke_user("alice").await.unwrap();
        assert_eq!(alice.fetch("/me").await.status, 200);
        stage.auth.revoke_user("authsafe|alice").await.unwrap();
        assert_eq!(alice.fetch("/me").await.status, 401);
    }

    #[tokio::test]
    async fn so_it_is_on_other_machines() {
        for (spec, status) in [(&AUTHSAFES, 401), (auth::SPEC, 200)] {
            let stage = Stage::builder().spec(spec).start().await;
            let state = authsafe::store::Memory::default();
            drop(stage.auth.clone().with_shared_state(state.clone()));
            let other = stage.again().await.with_shared_state(state);
            let mut alice = stage.browser_of("alice").await;
            other.revoke_user("alice").await.unwrap();
            assert_eq!(alice.fetch("/me").await.status, status);
            other.revoke_user("authsafe|alice").await.unwrap();
            assert_eq!(alice.fetch("/me").await.status, 401);
            // Within the same second.
            let mut again = stage.browser_of("alice").await;
            assert_eq!(again.fetch("/me").await.status, 200);
            assert!(again.session(&other).await.is_some());
            assert!(alice.session(&other).await.is_none());
        }
    }

    /// AuthSafe, under a domain of its customer's.
    static AUTHSAFES: Spec = spec(SpecParts {
        endpoints: authsafe::__private::Endpoints {
            authsafe: true,
            ..authsafe::__private::Endpoints::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
}

mod rotation {
    use super::*;

    const OLD: &str = authsafe_tests::COOKIE_SECRET;
    const NEW: &str = "Qm3xR8vB1nK7wZ5tY2cL9dF4hJ6gP0sA";

    /// The app again, with the same provider and other secrets, as after a new deployment.
    async fn redeploy(stage: &Stage, secrets: &str) -> authsafe::Auth {
        stage.again_with("AUTHSAFE_COOKIE_SECRET", secrets).await
    }

    fn cookie(browser: &Browser) -> http::HeaderMap {
        let value = browser.cookie("authsafe").unwrap();
        let cookie = format!("authsafe={value}").parse().unwrap();
        [(http::header::COOKIE, cookie)].into_iter().collect()
    }

    #[tokio::test]
    async fn a_new_secret_in_front_signs_nobody_out() {
        let stage = Stage::new().await;
        let alice = stage.browser_of("alice").await;
        let auth = redeploy(&stage, &format!("{NEW},{OLD}")).await;
        assert!(auth.authenticate(&cookie(&alice)).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_secret_that_was_dropped_opens_nothing() {
        let stage = Stage::new().await;
        let alice = stage.browser_of("alice").await;
        let auth = redeploy(&stage, NEW).await;
        assert!(auth.authenticate(&cookie(&alice)).await.unwrap().is_none());
    }
}
