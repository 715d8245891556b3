//! A form that meets a sign-in: kept until after it, and sent again by whoever sent it, on every framework.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::time::Duration;

use authsafe::Spec;
use authsafe::store::Memory;
use authsafe_tests::peers::{Peer, Setup, Tale, alike, alike_in};
use authsafe_tests::{Answer, Browser, fields};
use http::{Method, header};

mod here {
    #[authsafe::routes(
        scopes("openid", "email", "profile", "admin", "offline_access"),
        keep_post = "2KB"
    )]
    pub(crate) mod auth {}
}

mod shared {
    #[authsafe::routes(
        scopes("openid", "email", "profile", "admin", "offline_access"),
        keep_post = "16KB",
        session(store = super::open)
    )]
    pub(crate) mod auth {}
}

async fn open() -> Result<Memory, Infallible> {
    Ok(Memory::default())
}

const FORM: &str = "application/x-www-form-urlencoded";
const PLACE: &str = "/api/auth/signin/form";
/// Of a handler that a guard stands before, and that says what it took.
const UPLOAD: &str = "/admin/upload?to=inbox";

async fn on(spec: &'static Spec, story: impl AsyncFn(&Peer, &mut Tale)) {
    let setup = Setup {
        spec,
        ..Setup::default()
    };
    alike_in(setup, story).await;
}

/// The app's own page sends a form, as a person presses a button.
async fn sends(browser: &mut Browser, target: &str, body: &str) -> Answer {
    let visit = browser.own_post(target).body(FORM, body);
    visit.send().await
}

/// Follows a 307 as a browser does: with the same method and body.
async fn sends_on(browser: &mut Browser, answer: &Answer, body: &str) -> Answer {
    assert_eq!(answer.status, 307, "{answer:#?}");
    // With `no-referrer` the browser would say that it is of no origin.
    let policy = answer.header(header::REFERRER_POLICY);
    assert_eq!(policy, Some("same-origin"));
    let to = answer.header(header::LOCATION).unwrap().to_owned();
    sends(browser, &to, body).await
}

/// Signs in from where the form was kept; the page that comes then.
async fn signs_in(browser: &mut Browser, user: &str, kept: &Answer) -> Answer {
    let started = browser.open(kept.next().as_str()).await;
    let chosen = browser.choose(user, &started).await;
    let callback = browser.open(chosen.next().as_str()).await;
    assert_eq!(callback.location(), PLACE);
    browser.open(PLACE).await
}

#[track_caller]
fn is_the_form(page: &Answer, action: &str) {
    assert_eq!(page.status, 200, "{page:#?}");
    assert!(page.is_page());
    assert_eq!(page.header(header::CACHE_CONTROL), Some("no-store"));
    assert!(page.body.contains("<h1>Send it now?</h1>"), "{page:#?}");
    let form = format!("<form method=\"post\" action=\"{action}\"");
    assert!(page.body.contains(&form), "{page:#?}");
    let policy = page.header(header::CONTENT_SECURITY_POLICY).unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    assert!(!page.body.contains("<script"));
}

async fn is_kept_and_sent_again(spec: &'static Spec, body: &str) {
    on(spec, async |peer, tale| {
        let mut alice = peer.browser();
        let refused = sends(&mut alice, UPLOAD, body).await;
        let place = format!("{PLACE}?returnTo=%2Fadmin%2Fupload%3Fto%3Dinbox");
        assert_eq!(refused.header(header::LOCATION), Some(place.as_str()));
        tale.tell("refused", &refused);
        let kept = sends_on(&mut alice, &refused, body).await;
        let sign_in = "/api/auth/signin?returnTo=%2Fapi%2Fauth%2Fsignin%2Fform";
        assert_eq!(kept.location(), sign_in);

        let page = signs_in(&mut alice, "alice", &kept).await;
        is_the_form(&page, UPLOAD);
        let again = fields(&page.body);
        let taken = sends(&mut alice, UPLOAD, &again).await;
        assert_eq!(taken.body, format!("taken: {body}"));
        tale.tell("taken", &taken);

        // It is shown once, and its cookie is gone.
        let none = alice.open(PLACE).await;
        assert_eq!(none.location(), "/");
        let form = alice
            .cookies()
            .into_iter()
            .find(|it| it.name.ends_with(".form"));
        assert_eq!(form, None);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_meets_a_sign_in_is_sent_again_after_it() {
    let body = "csrf=abc&name=K%C3%A4the+%22%3C%26&text=one%0D%0Atwo&tag=a&tag=b&empty=";
    is_kept_and_sent_again(here::auth::SPEC, body).await;
}

#[tokio::test]
async fn a_longer_one_is_kept_in_the_shared_state() {
    let body = format!("text={}", "a".repeat(15_000));
    is_kept_and_sent_again(shared::auth::SPEC, &body).await;
}

/// A copy of the cookie that finds it finds it once.
#[tokio::test]
async fn what_the_shared_state_keeps_is_taken_once() {
    on(shared::auth::SPEC, async |peer, tale| {
        let body = format!("text={}", "a".repeat(5000));
        let mut alice = peer.browser();
        let refused = sends(&mut alice, UPLOAD, &body).await;
        sends_on(&mut alice, &refused, &body).await;
        let mut copy = alice.clone();
        is_the_form(&alice.open(PLACE).await, UPLOAD);
        let second = copy.open(PLACE).await;
        assert_eq!(second.location(), "/");
        tale.tell("second", &second);
    })
    .await;
}

#[tokio::test]
async fn who_cancels_still_has_the_form() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let refused = sends(&mut alice, UPLOAD, "a=b").await;
        let kept = sends_on(&mut alice, &refused, "a=b").await;
        let started = alice.open(kept.next().as_str()).await;
        let mut back = alice.choose("alice", &started).await.next();
        let state = authsafe_tests::param(&back, "state").unwrap();
        let issuer = authsafe_tests::param(&back, "iss").unwrap();
        back.query_pairs_mut().clear();
        back.query_pairs_mut().extend_pairs([
            ("error", "access_denied"),
            ("state", &state),
            ("iss", &issuer),
        ]);
        let back = alice.open(back.as_str()).await;
        assert_eq!(back.location(), PLACE);
        let page = alice.open(PLACE).await;
        is_the_form(&page, UPLOAD);
        tale.tell("cancelled", &page);
    })
    .await;
}

#[tokio::test]
async fn a_form_is_kept_for_as_long_as_a_sign_in_may_take() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let refused = sends(&mut alice, UPLOAD, "a=b").await;
        sends_on(&mut alice, &refused, "a=b").await;
        peer.pass(Duration::from_secs(601));
        let late = alice.open(PLACE).await;
        assert_eq!(late.location(), "/");
        tale.tell("late", &late);
    })
    .await;
}

// What is not kept

/// No other site has its form sent by whoever signs in here.
#[tokio::test]
async fn a_form_of_another_site_is_not_kept() {
    on(here::auth::SPEC, async |peer, tale| {
        for (header, value) in [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let mut alice = peer.browser();
            let from_there = async |browser: &mut Browser, target: &str| {
                let visit = browser.visit(Method::POST, target).body(FORM, "a=b");
                visit.header(header, value).send().await
            };
            let refused = from_there(&mut alice, UPLOAD).await;
            assert_eq!(refused.status, 401, "{refused:#?}");
            // Nor where the place is known.
            let place = format!("{PLACE}?returnTo=%2Fadmin%2Fupload");
            let refused = from_there(&mut alice, &place).await;
            refused.refuses(403, "foreign_origin", "Cross-site request refused");
            tale.tell(value, &refused);
            assert!(alice.cookies().is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn what_no_page_would_send_again_as_it_is_is_not_kept() {
    on(here::auth::SPEC, async |peer, tale| {
        let long = format!("text={}", "a".repeat(2048));
        let file = "multipart/form-data; boundary=x";
        for (kind, body) in [
            (FORM, long.as_str()),
            (file, "--x--"),
            ("text/plain", "a=b"),
            ("application/json", "{}"),
        ] {
            let mut alice = peer.browser();
            let visit = alice.own_post(UPLOAD).body(kind, body);
            let refused = visit.send().await;
            // A person never meets JSON.
            assert!(refused.is_page(), "{refused:#?}");
            refused.refuses(401, "unauthenticated", "Sign-in required");
            tale.tell(kind, &refused);
        }
        // What comes to the place all the same is not kept: the sign-in begins without it.
        for body in ["a=%00", "a=%FF", &long] {
            let mut alice = peer.browser();
            let place = format!("{PLACE}?returnTo=%2Fadmin%2Fupload");
            let led = sends(&mut alice, &place, body).await;
            assert_eq!(led.location(), "/api/auth/signin");
            assert!(alice.cookies().is_empty());
        }
        for place in [PLACE.to_owned(), format!("{PLACE}?returnTo=//evil.example")] {
            let led = sends(&mut peer.browser(), &place, "a=b").await;
            assert_eq!(led.location(), "/api/auth/signin");
            assert!(led.set_cookies().is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn a_script_is_told_as_ever() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let visit = alice.own_post(UPLOAD).body(FORM, "a=b");
        let told = visit.header("sec-fetch-mode", "cors").json().send().await;
        told.refuses(401, "unauthenticated", "Sign-in required");
        assert!(!told.is_page());
        tale.tell("script", &told);
    })
    .await;
}

/// Without the key nothing is kept, and there is no place for it.
#[tokio::test]
async fn by_default_no_form_is_kept() {
    alike(async |peer, tale| {
        let mut alice = peer.browser();
        let refused = sends(&mut alice, UPLOAD, "a=b").await;
        assert!(refused.is_page());
        refused.refuses(401, "unauthenticated", "Sign-in required");
        assert!(refused.body.contains("href=\"/api/auth/signin\""));
        assert_eq!(alice.open(PLACE).await.status, 404);
        tale.tell("refused", &refused);
    })
    .await;
}

/// What somebody else has sealed, or for something else, is no form.
#[tokio::test]
async fn a_cookie_that_is_no_form_shows_none() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        alice.start(None).await;
        let transaction = alice.transactions().remove(0);
        for value in [transaction.value.as_str(), "", "AAAA", "made up"] {
            let mut alice = peer.browser();
            alice.inject("authsafe.form", "/api/auth", value);
            let answer = alice.open(PLACE).await;
            assert_eq!(answer.location(), "/", "{value}");
        }
        let mut alice = peer.browser();
        alice.inject("authsafe.form", "/api/auth", "AAAA");
        let answer = alice.open(PLACE).await;
        tale.tell("made up", &answer);
    })
    .await;
}

/// Nobody has asked yet.
#[tokio::test]
async fn a_prefetch_and_a_head_take_no_form() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let refused = sends(&mut alice, UPLOAD, "a=b").await;
        sends_on(&mut alice, &refused, "a=b").await;
        let visit = alice.visit(Method::GET, PLACE);
        let ahead = visit.header("sec-purpose", "prefetch").send().await;
        assert_eq!(ahead.status, 503);
        assert_eq!(alice.visit(Method::HEAD, PLACE).send().await.status, 200);
        let page = alice.open(PLACE).await;
        is_the_form(&page, UPLOAD);
        tale.tell("asked", &page);
    })
    .await;
}
