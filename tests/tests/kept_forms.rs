//! A form that meets a sign-in: kept until after it, and sent again by whoever sent it, on every framework.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::convert::Infallible;
use std::time::Duration;

use authsafe::__private::{Pages, Protect, SpecParts, parts, spec};
use authsafe::store::Memory;
use authsafe::{Policy, Spec};
use authsafe_tests::peers::{Peer, Setup, Tale, alike, alike_in};
use authsafe_tests::{Answer, Browser, fields, param};
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

/// Sends a form at which a guard stands, and has it kept.
async fn keeps(browser: &mut Browser, body: &str) -> Answer {
    let refused = sends(browser, UPLOAD, body).await;
    sends_on(browser, &refused, body).await
}

/// Where the form is shown, by where the sign-in begins that comes back to it.
#[track_caller]
fn place(kept: &Answer) -> String {
    let place = param(&kept.next(), "returnTo").unwrap();
    assert!(place.starts_with(&format!("{PLACE}?id=")), "{place}");
    place
}

/// Signs in from where the form was kept; the page that comes then.
async fn signs_in(browser: &mut Browser, user: &str, kept: &Answer) -> Answer {
    let started = browser.open(kept.next().as_str()).await;
    let chosen = browser.choose(user, &started).await;
    let callback = browser.open(chosen.next().as_str()).await;
    assert_eq!(callback.location(), place(kept));
    browser.open(callback.location()).await
}

/// There is no form in it, nor a word of one.
#[track_caller]
fn is_no_form(answer: &Answer) {
    assert_eq!(answer.location(), "/");
    assert_eq!(answer.body, "");
}

fn has_a_form(browser: &Browser) -> bool {
    let mut cookies = browser.cookies().into_iter();
    cookies.any(|it| it.name.ends_with(".form"))
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
        assert!(kept.location().starts_with("/api/auth/signin?returnTo="));

        let page = signs_in(&mut alice, "alice", &kept).await;
        is_the_form(&page, UPLOAD);
        let again = fields(&page.body);
        let taken = sends(&mut alice, UPLOAD, &again).await;
        assert_eq!(taken.body, format!("taken: {body}"));
        tale.tell("taken", &taken);

        // It is shown once, and its cookie is gone.
        assert!(!has_a_form(&alice));
        is_no_form(&alice.open(&self::place(&kept)).await);
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
        let kept = keeps(&mut alice, &body).await;
        let form = alice
            .cookies()
            .into_iter()
            .find(|it| it.name.ends_with(".form"));
        let form = form.unwrap();
        is_the_form(&signs_in(&mut alice, "alice", &kept).await, UPLOAD);
        alice.inject(&form.name, &form.path, &form.value);
        let second = alice.open(&place(&kept)).await;
        is_no_form(&second);
        tale.tell("second", &second);
    })
    .await;
}

#[tokio::test]
async fn who_cancels_still_has_the_form() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let kept = keeps(&mut alice, "a=b").await;
        let started = alice.open(kept.next().as_str()).await;
        let mut back = alice.choose("alice", &started).await.next();
        let (state, issuer) = (param(&back, "state").unwrap(), param(&back, "iss").unwrap());
        back.query_pairs_mut().clear();
        back.query_pairs_mut().extend_pairs([
            ("error", "access_denied"),
            ("state", &state),
            ("iss", &issuer),
        ]);
        let back = alice.open(back.as_str()).await;
        assert_eq!(back.location(), place(&kept));
        // Nobody is there who may see it: a button leads to the sign-in once more.
        let asks = alice.open(back.location()).await;
        assert_eq!(asks.status, 401);
        assert!(asks.is_page() && !asks.body.contains("a: b"), "{asks:#?}");
        assert!(asks.body.contains(&format!("href=\"{}\"", kept.location())));
        is_the_form(&signs_in(&mut alice, "alice", &kept).await, UPLOAD);
        tale.tell("signed in", &alice.open("/admin/dashboard").await);
    })
    .await;
}

#[tokio::test]
async fn a_form_is_kept_for_as_long_as_a_sign_in_may_take() {
    for spec in [here::auth::SPEC, shared::auth::SPEC] {
        on(spec, async |peer, tale| {
            let mut alice = peer.browser();
            let kept = keeps(&mut alice, "a=b").await;
            peer.pass(Duration::from_secs(601));
            alice.sign_in("alice", None).await;
            let late = alice.open(&place(&kept)).await;
            is_no_form(&late);
            tale.tell("late", &late);
        })
        .await;
    }
}

#[tokio::test]
async fn a_guard_that_asks_for_a_recent_sign_in_keeps_the_form_too() {
    static RECENT: Spec = spec(SpecParts {
        keep_post: Some(2048),
        pages: Pages {
            sign_in: Some("/login"),
            ..Pages::DEFAULT
        },
        protect: &[Protect {
            path: "/admin/upload",
            when: Policy::Recent(60),
        }],
        ..*parts(authsafe_tests::auth::SPEC)
    });
    on(&RECENT, async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        peer.pass(Duration::from_secs(120));
        let refused = sends(&mut alice, UPLOAD, "a=b").await;
        let expected = format!("{PLACE}?returnTo=%2Fadmin%2Fupload%3Fto%3Dinbox&max_age=60");
        assert_eq!(refused.header(header::LOCATION), Some(&*expected));
        let kept = sends_on(&mut alice, &refused, "a=b").await;
        // Not to the app's own page: she is signed in.
        assert!(kept.location().starts_with("/api/auth/signin?"));
        assert_eq!(param(&kept.next(), "max_age").as_deref(), Some("60"));
        let page = signs_in(&mut alice, "alice", &kept).await;
        is_the_form(&page, UPLOAD);
        let taken = sends(&mut alice, UPLOAD, &fields(&page.body)).await;
        assert_eq!(taken.body, "taken: a=b");
        tale.tell("taken", &taken);
        // Who is signed out comes to the app's own page.
        let refused = sends(&mut peer.browser(), UPLOAD, "a=b").await;
        let kept = sends_on(&mut peer.browser(), &refused, "a=b").await;
        assert!(kept.location().starts_with("/login?returnTo="), "{kept:#?}");
        assert!(
            kept.location()
                .ends_with("&code=unauthenticated&max_age=60")
        );
    })
    .await;
}

// Whose it is

/// Where it is known who sent it, nobody else sees it: the session is over, but says whose it was.
#[tokio::test]
async fn a_form_is_shown_to_no_other_user() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        peer.pass(Duration::from_secs(2 * 3600));
        let kept = keeps(&mut alice, "secret=hers").await;
        let mut bob = alice.clone();
        let refused = {
            let started = bob.open(kept.next().as_str()).await;
            let chosen = bob.choose("bob", &started).await;
            bob.open(chosen.next().as_str()).await;
            bob.open(&place(&kept)).await
        };
        is_no_form(&refused);
        assert!(!has_a_form(&bob));
        tale.tell("bob", &refused);
        let page = signs_in(&mut alice, "alice", &kept).await;
        is_the_form(&page, UPLOAD);
    })
    .await;
}

#[tokio::test]
async fn a_form_is_shown_to_nobody_who_is_signed_out_and_is_gone_with_a_logout() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let kept = keeps(&mut alice, "secret=hers").await;
        let stranger = alice.open(&place(&kept)).await;
        assert_eq!(stranger.status, 401);
        assert!(!stranger.body.contains("hers"), "{stranger:#?}");
        tale.tell("signed out", &alice.fetch("/me").await);
        assert!(has_a_form(&alice));
        alice.post("/api/auth/logout").await;
        assert!(!has_a_form(&alice));
    })
    .await;
}

/// Each sign-in comes back to the form that it was for, or to none.
#[tokio::test]
async fn of_two_tabs_the_form_that_was_sent_last_is_kept() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let draft = keeps(&mut alice, "save=draft").await;
        let deletion = keeps(&mut alice, "delete=all").await;
        let started = alice.open(draft.next().as_str()).await;
        let chosen = alice.choose("alice", &started).await;
        let back = alice.open(chosen.next().as_str()).await;
        let first = alice.open(back.location()).await;
        is_no_form(&first);
        tale.tell("first", &first);
        // Nor does whoever opens the place without knowing which.
        is_no_form(&alice.open(PLACE).await);
        let second = alice.open(&place(&deletion)).await;
        is_the_form(&second, UPLOAD);
        assert!(second.body.contains("<p>delete: all</p>"), "{second:#?}");
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
            assert_eq!(led.status, 401);
            assert!(led.body.contains("href=\"/api/auth/signin\""));
            assert!(alice.cookies().is_empty());
        }
        for (kind, body) in [("text/plain", "a=b"), (file, "--x--")] {
            let place = format!("{PLACE}?returnTo=%2Fadmin%2Fupload");
            let mut alice = peer.browser();
            let led = alice.own_post(&place).body(kind, body).send().await;
            assert!(led.status == 401 && alice.cookies().is_empty());
        }
        for place in [PLACE.to_owned(), format!("{PLACE}?returnTo=//evil.example")] {
            let led = sends(&mut peer.browser(), &place, "a=b").await;
            assert_eq!(led.status, 401);
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
            let mut alice = peer.browser_of("alice").await;
            alice.inject("authsafe.form", "/api/auth", value);
            is_no_form(&alice.open(&format!("{PLACE}?id=x")).await);
        }
        tale.tell("nobody", &peer.browser().open(PLACE).await);
    })
    .await;
}

/// Who is no browser is held to a number, where the app says none.
#[tokio::test]
async fn one_client_keeps_sixty_forms_a_minute() {
    on(here::auth::SPEC, async |peer, tale| {
        let place = format!("{PLACE}?returnTo=%2Fadmin%2Fupload");
        let mut statuses = Vec::new();
        for _ in 0..61 {
            statuses.push(sends(&mut peer.browser(), &place, "a=b").await.status);
        }
        assert_eq!(statuses.pop().unwrap(), 429);
        assert!(statuses.iter().all(|it| *it == 303), "{statuses:?}");
        peer.pass(Duration::from_secs(60));
        let kept = sends(&mut peer.browser(), &place, "a=b").await;
        assert_eq!(kept.status, 303);
        tale.tell("later", &peer.browser().open(PLACE).await);
    })
    .await;
}

/// A form as long as the key says, and the body that breaks off.
#[tokio::test]
async fn what_is_longer_than_the_key_says_is_not_kept_nor_what_is_cut() {
    on(shared::auth::SPEC, async |peer, tale| {
        let place = format!("{PLACE}?returnTo=%2Fadmin%2Fupload");
        for (length, status) in [(16 * 1024, 303), (16 * 1024 + 1, 401), (70_000, 401)] {
            let body = format!("a={}", "b".repeat(length - 2));
            let kept = sends(&mut peer.browser(), &place, &body).await;
            assert_eq!(kept.status, status, "{length}");
            assert_eq!(kept.set_cookies().is_empty(), status == 401);
        }
        let refused = sends(&mut peer.browser(), UPLOAD, &"b".repeat(16 * 1024 + 1)).await;
        refused.refuses(401, "unauthenticated", "Sign-in required");
        tale.tell("too long", &refused);
    })
    .await;
}

/// The cookie would be of another host than the callback.
#[tokio::test]
async fn what_is_sent_to_another_spelling_of_the_host_is_not_kept() {
    on(here::auth::SPEC, async |peer, tale| {
        let asked = peer.url.replace("http://127.0.0.1", "localhost");
        let mut alice = peer.browser();
        let visit = alice.own_post(UPLOAD).body(FORM, "a=b");
        let refused = visit.header("host", &asked).send().await;
        refused.refuses(401, "unauthenticated", "Sign-in required");
        tale.tell("elsewhere", &refused);
    })
    .await;
}

/// Nobody has asked yet.
#[tokio::test]
async fn a_prefetch_and_a_head_take_no_form() {
    on(here::auth::SPEC, async |peer, tale| {
        let mut alice = peer.browser();
        let kept = keeps(&mut alice, "a=b").await;
        alice.sign_in("alice", None).await;
        let visit = alice.visit(Method::GET, &place(&kept));
        let ahead = visit.header("sec-purpose", "prefetch").send().await;
        assert_eq!(ahead.status, 503);
        let visit = alice.visit(Method::HEAD, &place(&kept));
        assert_eq!(visit.send().await.status, 200);
        let page = alice.open(&place(&kept)).await;
        is_the_form(&page, UPLOAD);
        tale.tell("ahead", &ahead);
    })
    .await;
}
