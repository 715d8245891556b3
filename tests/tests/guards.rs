//! Who gets to a handler, and what everybody else is told.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use authsafe::{Session, require_scope};
use authsafe_tests::{Answer, Browser, Stage, auth};
use axum::Router;
use axum::routing::get;
use http::{Method, header};

#[track_caller]
fn is_told_to_sign_in(answer: &Answer) {
    answer.refuses(401, "unauthenticated", "Sign-in required");
    assert_eq!(answer.header(header::WWW_AUTHENTICATE), Some("Session"));
}

#[tokio::test]
async fn bob_is_refused_at_the_admin_dashboard_and_not_sent_to_sign_in_again() {
    let stage = Stage::new().await;
    let mut bob = stage.browser_of("bob").await;
    for _ in 0..2 {
        let answer = bob.open("/admin/dashboard").await;
        answer.refuses(403, "forbidden", "Insufficient permission");
    }
    assert!(bob.user().await.is_some());
}

#[tokio::test]
async fn alice_passes() {
    let stage = Stage::new().await;
    let answer = stage
        .browser_of("alice")
        .await
        .open("/admin/dashboard")
        .await;
    assert_eq!(answer.body, "Admin dashboard of authsafe|alice");
}

#[tokio::test]
async fn a_person_who_is_signed_out_comes_back_to_the_page_after_sign_in() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let page = "/admin/dashboard?tab=2&q=a%26b";
    let refused = browser.open(page).await;
    assert_eq!(
        refused.location(),
        "/api/auth/signin?returnTo=%2Fadmin%2Fdashboard%3Ftab%3D2%26q%3Da%2526b"
    );
    assert_eq!(refused.header(header::CACHE_CONTROL), Some("no-store"));

    let started = browser.open(refused.location()).await;
    let chosen = browser.choose("alice", &started).await;
    let callback = browser.open(chosen.next().as_str()).await;
    assert_eq!(callback.location(), page);
    assert_eq!(browser.open(callback.location()).await.status, 200);
}

#[tokio::test]
async fn an_older_browser_is_known_by_what_it_accepts() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let visit = browser
        .visit(Method::GET, "/dashboard")
        .without("sec-fetch-mode");
    assert_eq!(visit.send().await.status, 303);
    let visit = browser
        .visit(Method::GET, "/dashboard")
        .without("sec-fetch-mode");
    is_told_to_sign_in(&visit.json().send().await);
}

#[tokio::test]
async fn a_page_whose_path_leads_elsewhere_is_not_come_back_to() {
    let pages = Router::new().fallback(async |_: Session| "somebody");
    let stage = Stage::builder().pages(pages).start().await;
    // The path as it is written, not as `Url` would tidy it.
    let target = format!("{}//evil.example/x", stage.url);
    let answer = stage.browser().open(&target).await;
    assert_eq!(answer.location(), "/api/auth/signin");
}

#[tokio::test]
async fn what_is_no_navigation_is_told_401_and_not_redirected() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    is_told_to_sign_in(&browser.fetch("/dashboard").await);
    is_told_to_sign_in(&browser.post("/admin/upload").await);
    let xhr = browser.visit(Method::GET, "/dashboard");
    is_told_to_sign_in(
        &xhr.header("x-requested-with", "XMLHttpRequest")
            .send()
            .await,
    );
    let image = browser.visit(Method::GET, "/dashboard");
    is_told_to_sign_in(&image.header("sec-fetch-mode", "no-cors").send().await);
    let bare = browser.visit(Method::GET, "/dashboard");
    let bare = bare.without("sec-fetch-mode").without("accept");
    is_told_to_sign_in(&bare.send().await);
    let head = browser.visit(Method::HEAD, "/dashboard").send().await;
    assert_eq!(head.status, 401);
}

/// What a guarded handler that takes JSON says to a body that is none.
async fn upload_rubbish(browser: &mut Browser) -> Answer {
    let visit = browser.own_post("/admin/upload");
    visit.body("application/json", "{rubbish").send().await
}

#[tokio::test]
async fn the_guard_decides_before_the_body_is_read() {
    let stage = Stage::new().await;
    is_told_to_sign_in(&upload_rubbish(&mut stage.browser()).await);
    let forbidden = upload_rubbish(&mut stage.browser_of("bob").await).await;
    forbidden.refuses(403, "forbidden", "Insufficient permission");
    let read = upload_rubbish(&mut stage.browser_of("alice").await).await;
    assert_eq!(read.status, 400, "{read:?}");
}

#[tokio::test]
async fn a_guarded_handler_gets_its_own_arguments() {
    let stage = Stage::new().await;
    let mut alice = stage.browser_of("alice").await;
    let visit = alice.own_post("/admin/upload");
    let answer = visit.body("application/json", r#"{"a":1}"#).send().await;
    assert_eq!(answer.body, r#"{"taken":{"a":1}}"#);
}

#[tokio::test]
async fn an_optional_session_lets_everybody_in() {
    let stage = Stage::new().await;
    assert_eq!(stage.browser().open("/").await.body, "Hello stranger");
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/").await.body, "Hello Alice Admin");
}

#[tokio::test]
async fn without_the_layer_nobody_gets_in() {
    let stage = Stage::builder().without_layer().start().await;
    let mut alice = stage.browser();
    assert!(alice.callback("alice").await.makes_a_session());
    for page in ["/", "/dashboard", "/admin/dashboard", "/me"] {
        let answer = alice.open(page).await;
        answer.refuses(500, "internal", "Authentication failed");
    }
}

#[require_scope(all("admin", "profile"))]
async fn both() -> &'static str {
    "both"
}

#[require_scope(any("admin", "profile"))]
async fn either() -> &'static str {
    "either"
}

#[tokio::test]
async fn all_asks_for_each_scope_and_any_for_one() {
    let pages = Router::new()
        .route("/both", get(both))
        .route("/either", get(either));
    let stage = Stage::builder().pages(pages).start().await;
    let mut alice = stage.browser_of("alice").await;
    let mut bob = stage.browser_of("bob").await;
    let statuses = [
        alice.open("/both").await.status,
        alice.open("/either").await.status,
        bob.open("/both").await.status,
        bob.open("/either").await.status,
    ];
    assert_eq!(statuses.map(|it| it.as_u16()), [200, 200, 403, 200]);
}

#[tokio::test]
async fn a_guard_on_a_nested_router_sends_back_to_the_whole_path() {
    let pages = Router::new().nest("/team", Router::new().route("/either", get(either)));
    let stage = Stage::builder().pages(pages).start().await;
    let answer = stage.browser().open("/team/either?x=1").await;
    assert_eq!(
        answer.location(),
        "/api/auth/signin?returnTo=%2Fteam%2Feither%3Fx%3D1"
    );
}

#[tokio::test]
async fn tokens_are_for_whoever_asks_and_no_sooner() {
    async fn token_length(session: Session) -> String {
        let tokens = session.tokens().unwrap();
        format!("{}", tokens.access.expose_secret().split('.').count())
    }
    let pages = Router::new().route("/token", get(token_length));
    let stage = Stage::builder().pages(pages).start().await;
    let mut browser = stage.browser_of("bob").await;
    assert_eq!(browser.open("/token").await.body, "3");
}

#[require_scope("admin")]
mod orders {
    pub(crate) async fn list() -> &'static str {
        "all orders"
    }

    #[tokio::test]
    async fn a_test_beside_guarded_handlers_is_no_handler() {
        let pages = axum::Router::new().route("/orders", axum::routing::get(list));
        let stage = authsafe_tests::Stage::builder().pages(pages).start().await;
        let signed_out = stage.browser().open("/orders").await;
        assert!(signed_out.status.is_redirection());
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use axum::Router;
        use axum::routing::get;

        use authsafe_tests::Stage;

        #[tokio::test]
        async fn a_test_in_a_module_of_tests_is_none_either() {
            let pages = Router::new().route("/orders", get(list));
            let stage = Stage::builder().pages(pages).start().await;
            let mut bob = stage.browser_of("bob").await;
            assert_eq!(bob.open("/orders").await.status.as_u16(), 403);
            let mut alice = stage.browser_of("alice").await;
            assert_eq!(alice.open("/orders").await.body, "all orders");
        }
    }
}
