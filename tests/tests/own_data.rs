//! What an app adds of its own: data in the session, and a word on who may sign in.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::Duration;

use authsafe::hooks::{NewSession, SignInRefused};
use authsafe::{Session, SessionData};
use authsafe_tests::{Browser, Stage, app};
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::sync::Barrier;

const MINUTE: Duration = Duration::from_secs(60);

async fn theme(session: Session) -> String {
    session.get("theme").unwrap_or_else(|| "plain".to_owned())
}

async fn set_theme(data: SessionData, Path(theme): Path<String>) {
    data.set("theme", &theme).unwrap();
}

async fn forget_theme(data: SessionData) {
    data.remove("theme");
}

async fn roles(session: Session) -> String {
    session.roles().collect::<Vec<_>>().join(",")
}

fn pages() -> Router {
    app::pages()
        .route("/theme", get(theme).delete(forget_theme))
        .route("/theme/{theme}", post(set_theme))
        .route("/roles", get(roles))
}

async fn stage() -> Stage {
    Stage::builder().pages(pages()).start().await
}

async fn body(browser: &mut Browser, path: &str) -> String {
    browser.fetch(path).await.body
}

#[tokio::test]
async fn what_a_handler_keeps_is_there_at_the_next_request() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(body(&mut alice, "/theme").await, "plain");
    assert!(alice.post("/theme/dark").await.makes_a_session());
    assert_eq!(body(&mut alice, "/theme").await, "dark");
    assert!(!alice.fetch("/theme").await.makes_a_session());
    alice.visit(http::Method::DELETE, "/theme").send().await;
    assert_eq!(body(&mut alice, "/theme").await, "plain");
}

#[tokio::test]
async fn nobody_who_is_signed_out_keeps_anything() {
    let stage = stage().await;
    let answer = stage.browser().post("/theme/dark").await;
    answer.refuses(401, "unauthenticated", "Sign-in required");
}

#[tokio::test]
async fn it_survives_a_refresh_also_one_on_the_same_request() {
    let stage = stage().await;
    stage.provider.set_access_token_lifetime(5 * MINUTE);
    let mut alice = stage.browser_of("alice").await;
    stage.pass(4 * MINUTE);
    alice.post("/theme/dark").await;
    assert_eq!(body(&mut alice, "/theme").await, "dark");
    stage.pass(4 * MINUTE);
    assert_eq!(body(&mut alice, "/theme").await, "dark");
    assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    assert_eq!(body(&mut alice, "/theme").await, "dark");
}

#[tokio::test]
async fn after_a_sign_in_it_is_gone() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    alice.post("/theme/dark").await;
    alice.sign_in("bob", None).await;
    assert_eq!(body(&mut alice, "/theme").await, "plain");
}

#[tokio::test]
async fn what_no_cookie_can_hold_leaves_the_session_as_it_was() {
    let stage = stage().await;
    let mut alice = stage.browser_of("alice").await;
    alice.post("/theme/dark").await;
    alice.post(&format!("/theme/{}", "x".repeat(16_000))).await;
    assert_eq!(body(&mut alice, "/theme").await, "dark");
}

mod in_one_request {
    use authsafe_tests::peers::{Setup, Tale, alike, alike_in};

    #[tokio::test]
    async fn what_it_has_set_is_there_and_what_is_taken_is_taken_once() {
        alike(async |peer, tale: &mut Tale| {
            let mut alice = peer.browser_of("alice").await;
            let set = alice.post("/flash").await;
            assert_eq!(set.body, "None Some(\"saved\") None None");
            tale.tell("set", &set);
            let shown = alice.fetch("/flash").await;
            assert_eq!(shown.body, "[Some(\"saved\"), None]");
            tale.tell("shown", &shown);
            let again = alice.fetch("/flash").await;
            assert_eq!(again.body, "[None, None]");
            tale.tell("again", &again);
        })
        .await;
    }

    #[tokio::test]
    async fn the_handle_is_an_argument_where_the_layer_is() {
        alike(async |peer, tale: &mut Tale| {
            let mut alice = peer.browser_of("alice").await;
            let ended = alice.post("/end").await;
            assert_eq!(ended.body, "ended");
            tale.tell("ended", &ended);
            let after = alice.fetch("/me").await;
            assert_eq!(after.status, 401);
            tale.tell("after", &after);
        })
        .await;
        let without = Setup {
            layered: false,
            ..Setup::default()
        };
        alike_in(without, async |peer, tale: &mut Tale| {
            let answer = peer.browser().post("/end").await;
            assert_eq!(answer.status, 500);
            tale.tell("without the layer", &answer);
        })
        .await;
    }
}

mod at_a_new_sign_in {
    use super::*;
    use authsafe_tests::peers::{Tale, alike};

    #[tokio::test]
    async fn what_the_app_keeps_stays_for_the_same_user_and_for_no_other() {
        alike(async |peer, tale: &mut Tale| {
            let mut browser = peer.browser_of("alice").await;
            browser.post("/remember").await;
            assert_eq!(body(&mut browser, "/recall").await, "Some(\"green\")");
            browser.sign_in("alice", Some("/recall")).await;
            let recalled = browser.fetch("/recall").await;
            assert_eq!(recalled.body, "Some(\"green\")");
            tale.tell("again", &recalled);
            browser.sign_in("bob", None).await;
            let recalled = browser.fetch("/recall").await;
            assert_eq!(recalled.body, "None");
            tale.tell("bob", &recalled);
        })
        .await;
    }

    #[tokio::test]
    async fn what_the_app_keeps_of_a_user_in_one_organization_is_not_taken_into_another() {
        alike(async |peer, tale: &mut Tale| {
            let organization = |id: &'static str| {
                peer.provider.tamper_access_token(move |claims| {
                    claims.insert("org_id".into(), id.into());
                });
            };
            organization("acme");
            let mut browser = peer.browser_of("alice").await;
            browser.post("/remember").await;
            browser.sign_in("alice", None).await;
            assert_eq!(body(&mut browser, "/recall").await, "Some(\"green\")");
            organization("globex");
            browser.sign_in("alice", None).await;
            let recalled = browser.fetch("/recall").await;
            assert_eq!(recalled.body, "None");
            tale.tell("elsewhere", &recalled);
            // Nor by a refresh.
            browser.post("/remember").await;
            browser.post("/api/auth/refresh").await;
            assert_eq!(body(&mut browser, "/recall").await, "Some(\"green\")");
            organization("acme");
            // A refresh of a moment ago is good for this one too.
            peer.pass(Duration::from_secs(60));
            browser.post("/api/auth/refresh").await;
            let recalled = browser.fetch("/recall").await;
            assert_eq!(recalled.body, "None");
            tale.tell("refreshed", &recalled);
        })
        .await;
    }

    mod in_cookies {
        #[authsafe::routes(scopes("openid", "profile", "email", "offline_access", "admin"))]
        pub(super) mod auth {}
    }

    mod in_a_store {
        use authsafe::store::Memory;

        async fn memory() -> Result<Memory, std::convert::Infallible> {
            Ok(Memory::default())
        }

        #[authsafe::routes(
            scopes("openid", "profile", "email", "offline_access", "admin"),
            session(store = memory)
        )]
        pub(super) mod auth {}
    }

    /// Keeps a theme, and answers when it is told to.
    async fn keep_slowly(data: SessionData, Extension(gate): Extension<Arc<Barrier>>) {
        data.set("theme", &"acme's").unwrap();
        gate.wait().await;
        gate.wait().await;
    }

    #[tokio::test]
    async fn what_a_handler_keeps_does_not_follow_its_user_into_another_organization() {
        for spec in [in_cookies::auth::SPEC, in_a_store::auth::SPEC] {
            for goes in [true, false] {
                let gate = Arc::new(Barrier::new(2));
                let slow = post(keep_slowly).layer(Extension(Arc::clone(&gate)));
                let pages = pages().route("/slow", slow);
                let stage = Stage::builder().spec(spec).pages(pages).start().await;
                let organization = |id: &'static str| {
                    stage.provider.tamper_access_token(move |claims| {
                        claims.insert("org_id".into(), id.into());
                    });
                };
                organization("acme");
                let mut alice = stage.browser_of("alice").await;
                let mut slow = alice.clone();
                let slow = tokio::spawn(async move {
                    assert_eq!(slow.post("/slow").await.status, 200);
                    slow
                });
                gate.wait().await;
                if goes {
                    organization("globex");
                }
                assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
                gate.wait().await;
                let mut slow = slow.await.unwrap();
                let kept = if goes { "plain" } else { "acme's" };
                assert_eq!(body(&mut slow, "/theme").await, kept);
            }
        }
    }

    #[tokio::test]
    async fn what_a_session_that_is_over_had_is_gone() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        alice.post("/theme/dark").await;
        stage.auth.revoke_user("authsafe|alice").await.unwrap();
        stage.pass(Duration::from_secs(1));
        alice.sign_in("alice", None).await;
        assert_eq!(body(&mut alice, "/theme").await, "plain");
    }

    #[tokio::test]
    async fn what_somebody_has_planted_is_nobodys() {
        let stage = stage().await;
        let mut mallory = stage.browser_of("alice").await;
        mallory.post("/theme/evil").await;
        let planted = mallory.cookie("authsafe").unwrap();
        let mut alice = stage.browser_of("alice").await;
        alice.inject("authsafe", "/api", &planted);
        alice.sign_in("alice", None).await;
        assert_eq!(body(&mut alice, "/theme").await, "plain");
    }

    /// Takes the language of the session before, and drops its theme.
    async fn look_back(mut new: NewSession) -> Result<NewSession, SignInRefused> {
        let before = new.replaced().map(|it| it.user().id().to_owned());
        new.set("before", &before).unwrap();
        new.remove("theme");
        Ok(new)
    }

    async fn before(session: Session) -> String {
        format!("{:?}", session.get::<Option<String>>("before"))
    }

    #[tokio::test]
    async fn the_app_sees_the_session_that_is_replaced() {
        let pages = pages().route("/before", get(before));
        let stage = Stage::builder().pages(pages).start().await;
        let _ = stage.auth.clone().on_sign_in(look_back);
        let mut browser = stage.browser_of("alice").await;
        assert_eq!(body(&mut browser, "/before").await, "Some(None)");
        browser.post("/theme/dark").await;
        browser.sign_in("bob", None).await;
        assert_eq!(
            body(&mut browser, "/before").await,
            "Some(Some(\"authsafe|alice\"))"
        );
        browser.post("/theme/dark").await;
        browser.sign_in("bob", None).await;
        assert_eq!(body(&mut browser, "/theme").await, "plain");
    }
}

mod at_sign_in {
    use super::*;

    /// Looks users up: Alice is an editor here, Bob is not known.
    async fn look_up(mut new: NewSession) -> Result<NewSession, SignInRefused> {
        match new.session().user().id() {
            "authsafe|alice" => {
                new.add_role("editor");
                new.set("theme", &"light").unwrap();
                Ok(new)
            }
            _ => Err(SignInRefused),
        }
    }

    async fn stage() -> Stage {
        let stage = super::stage().await;
        let _ = stage.auth.clone().on_sign_in(look_up);
        stage
    }

    #[tokio::test]
    async fn the_app_adds_roles_and_data() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(body(&mut alice, "/roles").await, "admin,editor");
        assert_eq!(body(&mut alice, "/theme").await, "light");
    }

    #[tokio::test]
    async fn a_role_that_it_added_stays_when_the_provider_takes_its_own_away() {
        let stage = stage().await;
        let mut alice = stage.browser_of("alice").await;
        stage.provider.tamper_access_token(|claims| {
            claims.remove("roles");
        });
        alice.post("/api/auth/refresh").await;
        assert_eq!(body(&mut alice, "/roles").await, "editor");
    }

    #[tokio::test]
    async fn a_role_that_it_added_in_one_organization_is_not_taken_into_another() {
        let stage = stage().await;
        let organization = |id: &'static str| {
            stage.provider.tamper_access_token(move |claims| {
                claims.insert("org_id".into(), id.into());
            });
        };
        organization("acme");
        let mut alice = stage.browser_of("alice").await;
        let before = alice.clone();
        alice.post("/api/auth/refresh").await;
        assert_eq!(body(&mut alice, "/roles").await, "admin,editor");
        organization("globex");
        stage.pass(Duration::from_secs(60));
        alice.post("/api/auth/refresh").await;
        assert_eq!(body(&mut alice, "/roles").await, "admin");
        // Nor does the cookie from before give it back.
        stage.pass(Duration::from_secs(121));
        assert_eq!(before.clone().fetch("/roles").await.status, 401);
    }

    #[tokio::test]
    async fn nor_is_it_by_way_of_a_refresh_that_names_none() {
        let stage = stage().await;
        stage.provider.tamper_access_token(|claims| {
            claims.insert("org_id".into(), "acme".into());
        });
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(body(&mut alice, "/roles").await, "admin,editor");
        let without = |claims: &mut serde_json::Map<String, serde_json::Value>| {
            claims.remove("org_id");
        };
        stage.provider.tamper_access_token(without);
        stage.provider.tamper_id_token(without);
        stage.provider.tamper_userinfo(without);
        alice.post("/api/auth/refresh").await;
        // What it does not tell, it may tell again.
        assert_eq!(body(&mut alice, "/roles").await, "admin,editor");
        for (organization, roles) in [("acme", "admin,editor"), ("globex", "admin")] {
            stage.provider.tamper_access_token(move |claims| {
                claims.insert("org_id".into(), organization.into());
            });
            stage.pass(Duration::from_secs(121));
            alice.post("/api/auth/refresh").await;
            assert_eq!(body(&mut alice, "/roles").await, roles, "{organization}");
            stage.provider.tamper_access_token(without);
            stage.pass(Duration::from_secs(121));
            alice.post("/api/auth/refresh").await;
            assert_eq!(body(&mut alice, "/roles").await, roles, "{organization}");
        }
    }

    #[tokio::test]
    async fn a_role_that_it_added_stays_where_an_organization_is_told_for_the_first_time() {
        let stage = stage().await;
        stage.provider.tamper_access_token(|claims| {
            claims.remove("org_id");
        });
        stage.provider.tamper_id_token(|claims| {
            claims.remove("org_id");
        });
        stage.provider.tamper_userinfo(|claims| {
            claims.remove("org_id");
        });
        let mut alice = stage.browser_of("alice").await;
        stage.provider.tamper_access_token(|claims| {
            claims.insert("org_id".into(), "acme".into());
        });
        alice.post("/api/auth/refresh").await;
        assert_eq!(body(&mut alice, "/roles").await, "admin,editor");
    }

    async fn refuse(_: NewSession) -> Result<NewSession, SignInRefused> {
        Err(SignInRefused::because("Only <customers> may sign in."))
    }

    #[tokio::test]
    async fn the_app_refuses_and_says_why_to_whoever_reads_pages_or_json() {
        let stage = super::stage().await;
        let _ = stage.auth.clone().on_sign_in(refuse);
        let mut browser = stage.browser();
        let page = browser.callback("bob").await;
        assert_eq!(page.status, 403);
        let started = browser.start(None).await;
        let back = browser.choose("bob", &started).await;
        let told = browser.fetch(back.location()).await;
        assert_eq!(
            told.body,
            r#"{"error":"Access denied","code":"sign_in_refused","because":"Only <customers> may sign in."}"#
        );
        let started = browser.start(None).await;
        let back = browser.choose("bob", &started).await;
        let page = browser.visit(http::Method::GET, back.location());
        let page = page.header("sec-fetch-mode", "navigate").send().await;
        assert_eq!(page.status, 403);
        assert!(
            page.body
                .contains("<p>Only &lt;customers> may sign in.</p>"),
            "{}",
            page.body
        );
        assert_eq!(browser.user().await, None);
    }

    #[tokio::test]
    async fn the_app_refuses() {
        let stage = stage().await;
        let mut browser = stage.browser();
        let answer = browser.callback("bob").await;
        answer.refuses(403, "sign_in_refused", "Access denied");
        assert_eq!(browser.user().await, None);
    }
}
