//! Cookies of one name, of one host: of two apps, of the version before, of two paths.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe_tests::Answer;
use authsafe_tests::peers::{Peer, alike};
use http::header::SET_COOKIE;
use serde_json::json;

const MINUTE: Duration = Duration::from_secs(60);

/// The names that an answer sets and removes, as they are.
fn names(answer: &Answer) -> Vec<String> {
    let cookies = answer.headers.get_all(SET_COOKIE).iter();
    cookies
        .map(|it| it.to_str().unwrap().split('=').next().unwrap().to_owned())
        .collect()
}

async fn post(peer: &Peer, path: &str, cookie: &str) -> Answer {
    let headers = [
        ("cookie", cookie),
        ("origin", &peer.url),
        ("content-length", "0"),
    ];
    peer.say(&format!("POST {path} HTTP/1.1"), &headers).await
}

#[tokio::test]
async fn apps_on_two_ports_of_one_host_leave_one_another_alone() {
    alike(async |peer, tale| {
        let alice = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        let ours = peer.cookie_name("authsafe");
        assert!(ours.starts_with("authsafe-"));
        let label = "a".repeat(16);
        let theirs = format!("authsafe-1=x; authsafe-1.0=x; authsafe-1.tx.{label}=x; authsafe=x");
        let cookies = format!("{theirs}; {ours}={alice}; authsafe.tx.{label}=x");
        let me = peer.say("GET /me HTTP/1.1", &[("cookie", &cookies)]).await;
        assert_eq!(me.status, 200, "{me:#?}");
        tale.tell("me", &me);
        for (path, sets) in [("/api/auth/refresh", 1), ("/api/auth/logout", 1)] {
            peer.pass(MINUTE);
            let answer = post(peer, path, &cookies).await;
            assert_eq!(names(&answer), vec![ours.clone(); sets], "{answer:#?}");
            tale.tell(path, &answer);
        }
        let sign_in = "GET /api/auth/signin HTTP/1.1";
        let answer = peer.say(sign_in, &[("cookie", &cookies)]).await;
        let names = names(&answer);
        assert!(names.iter().all(|it| it.starts_with(&ours)), "{names:?}");
    })
    .await;
}

#[tokio::test]
async fn a_session_whose_cookie_has_no_port_is_read_and_replaced() {
    alike(async |peer, tale| {
        let alice = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        let (old, new) = (format!("authsafe={alice}"), peer.cookie_name("authsafe"));
        let me = peer.say("GET /me HTTP/1.1", &[("cookie", &old)]).await;
        assert_eq!(me.json()["userId"], "authsafe|alice");
        tale.tell("me", &me);
        peer.pass(MINUTE);
        let answer = post(peer, "/api/auth/refresh", &old).await;
        assert_eq!(names(&answer), [new, "authsafe".to_owned()]);
        tale.tell("refresh", &answer);
        let answer = post(peer, "/api/auth/logout", &old).await;
        assert_eq!(names(&answer), ["authsafe"], "{answer:#?}");
        tale.tell("logout", &answer);
    })
    .await;
}

#[tokio::test]
async fn of_two_sessions_of_one_user_the_one_that_began_last_counts() {
    alike(async |peer, tale| {
        let first = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        peer.pass(MINUTE);
        let mut alice = peer.browser_of("alice").await;
        let issued_at = alice.fetch("/me").await.json()["issuedAt"].clone();
        let last = alice.cookie("authsafe").unwrap();
        for (broad, narrow) in [(&first, &last), (&last, &first)] {
            let mut browser = peer.browser();
            browser.inject("authsafe", "/", broad);
            browser.inject("authsafe", "/me", narrow);
            let me = browser.fetch("/me").await;
            assert_eq!(me.json()["issuedAt"], issued_at);
            tale.tell("me", &me);
        }
    })
    .await;
}

#[tokio::test]
async fn a_stale_whole_cookie_beside_pieces_locks_nobody_out() {
    alike(async |peer, tale| {
        let stale = peer.browser_of("alice").await.cookie("authsafe").unwrap();
        peer.pass(MINUTE);
        peer.provider.tamper_access_token(|claims| {
            claims.insert("padding".to_owned(), json!("x".repeat(5000)));
        });
        let mut alice = peer.browser_of("alice").await;
        assert_eq!(alice.session_cookies().len(), 3);
        let issued_at = alice.fetch("/me").await.json()["issuedAt"].clone();
        for whole in [stale.as_str(), "rubbish"] {
            for path in ["/", "/me"] {
                let mut alice = alice.clone();
                alice.inject("authsafe", path, whole);
                let me = alice.fetch("/me").await;
                assert_eq!(me.json()["issuedAt"], issued_at);
                tale.tell("me", &me);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_whose_cookie_has_no_port_is_finished() {
    alike(async |peer, tale| {
        let mut alice = peer.browser();
        let started = alice.start(Some("/me")).await;
        let callback = alice.choose("alice", &started).await.next();
        let transaction = alice.transactions().remove(0);
        let old = format!("{}={}", transaction.name, transaction.value);
        let target = callback.as_str().strip_prefix(&peer.url).unwrap();
        let request = format!("GET {target} HTTP/1.1");
        let answer = peer.say(&request, &[("cookie", &old)]).await;
        assert!(answer.makes_a_session(), "{answer:#?}");
        assert!(names(&answer).contains(&transaction.name));
        assert_eq!(answer.location(), "/me");
        tale.tell("callback", &answer);
    })
    .await;
}
