//! What a person sees where something goes wrong: a page with a way on, on every framework. A script is
//! told in JSON.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::dev::Endpoint;
use authsafe_tests::peers::{Peer, Setup, alike, alike_in};
use authsafe_tests::{Answer, Browser, param};
use http::{Method, header};

const LATE: &str = "/api/auth/callback?code=abc&state=nobodys";

/// Is it a page that says this, with this way on?
#[track_caller]
fn shows(answer: &Answer, status: u16, title: &str, way_on: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:#?}");
    let kind = answer.header(header::CONTENT_TYPE);
    assert_eq!(kind, Some("text/html; charset=utf-8"), "{answer:#?}");
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(
        answer.header(header::X_CONTENT_TYPE_OPTIONS),
        Some("nosniff")
    );
    let policy = answer.header(header::CONTENT_SECURITY_POLICY).unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let body = &answer.body;
    assert!(body.contains(&format!("<h1>{title}</h1>")), "{body}");
    assert!(
        body.contains(&format!("class=\"go\" href=\"{way_on}\"")),
        "{body}"
    );
}

#[tokio::test]
async fn who_comes_back_late_sees_a_page_and_may_sign_in_again() {
    alike(async |peer, tale| {
        let answer = peer.browser().open(LATE).await;
        shows(&answer, 400, "Your sign-in has run out", "/api/auth/signin");
        answer.refuses(
            400,
            "unknown_state",
            "Sign-in expired or was not started in this browser",
        );
        tale.tell("late", &answer);
        let started = peer.browser().open("/api/auth/signin").await;
        assert_eq!(started.status, 303, "the way on leads on");
    })
    .await;
}

// By a link, or by nobody

#[tokio::test]
async fn a_link_to_logout_is_a_page_with_the_button() {
    alike(async |peer, tale| {
        let mut bob = peer.browser_of("bob").await;
        let page = bob.open("/api/auth/logout?returnTo=/%22%3E&x=1").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("action=\"?returnTo="), "{}", page.body);
        assert!(page.body.contains("<button class=\"go\">Sign out</button>"));
        assert!(
            page.body
                .contains("<meta name=\"referrer\" content=\"same-origin\">")
        );
        let policy = page.header(header::CONTENT_SECURITY_POLICY).unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(page.set_cookies().is_empty());
        tale.tell("page", &page);
        assert_eq!(bob.open("/dashboard").await.status, 200);
        let script = bob.fetch("/api/auth/logout").await;
        script.refuses(405, "method_not_allowed", "Method not allowed");
        assert!(bob.post("/api/auth/logout?returnTo=/bye").await.status == 303);
        assert_eq!(bob.user().await, None);
    })
    .await;
}

#[tokio::test]
async fn a_head_begins_and_ends_nothing() {
    alike(async |peer, tale| {
        let (mut bob, url) = at_the_callback(peer).await;
        for path in ["/api/auth/signin", &url] {
            let answer = bob.visit(Method::HEAD, path).send().await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(answer.set_cookies().is_empty() && answer.body.is_empty());
            // Whether a length of nothing is said is the framework's.
            tale.note(&format!("{}", answer.status));
        }
        let refused = bob.visit(Method::HEAD, "/api/auth/logout").send().await;
        assert_eq!(refused.status, 405);
        assert!(bob.open(&url).await.makes_a_session(), "it is whole");
    })
    .await;
}

// The callback once more

/// At the callback, by way of a page that asks for sign-in.
async fn at_the_callback(peer: &Peer) -> (Browser, String) {
    let mut browser = peer.browser();
    let started = browser.start(Some("/me")).await;
    let url = browser.choose("bob", &started).await.next();
    let here = url.query().map(|query| format!("{}?{query}", url.path()));
    (browser, here.unwrap())
}

#[tokio::test]
async fn who_reloads_the_callback_lands_where_people_land() {
    alike(async |peer, tale| {
        let (mut bob, url) = at_the_callback(peer).await;
        let before = bob.clone();
        assert!(bob.open(&url).await.makes_a_session());
        let again = bob.open(&url).await;
        assert_eq!(
            (again.status.as_u16(), again.location()),
            (303, "/dashboard")
        );
        assert!(!again.makes_a_session());
        tale.tell("reloaded", &again);
        assert_eq!(bob.user().await.as_deref(), Some("authsafe|bob"));
        // A copy of the request that a browser has kept, with its cookies of then beside those of now.
        let tx = before.transactions().remove(0);
        bob.inject(&tx.name, &tx.path, &tx.value);
        assert_eq!(bob.open(&url).await.location(), "/me");
        let calls = peer.provider.calls(Endpoint::Token);
        assert_eq!(calls, 1, "nothing is exchanged twice");
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_after_lunch_signs_in_once_more_and_goes_on() {
    alike(async |peer, tale| {
        let (mut bob, url) = at_the_callback(peer).await;
        peer.pass(Duration::from_secs(11 * 60));
        let led_on = bob.open(&url).await;
        tale.tell("late", &led_on);
        assert!(param(&led_on.next(), "state").unwrap().ends_with('.'));
        let back = bob.choose("bob", &led_on).await;
        let answer = bob.open(back.next().as_str()).await;
        assert!(answer.makes_a_session());
        assert_eq!(answer.location(), "/me");
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookies_is_told_so_and_does_not_go_round() {
    alike(async |peer, tale| {
        let (_, url) = at_the_callback(peer).await;
        let led_on = peer.browser().open(&url).await;
        assert_eq!(led_on.status, 303);
        let back = peer.browser().choose("bob", &led_on).await;
        let answer = peer.browser().open(back.next().as_str()).await;
        shows(&answer, 400, "Your sign-in has run out", "/api/auth/signin");
        answer.refuses(
            400,
            "unknown_state",
            "Sign-in expired or was not started in this browser",
        );
        tale.tell("twice", &answer);
    })
    .await;
}

#[tokio::test]
async fn who_reloads_while_the_code_is_exchanged_gets_its_session() {
    alike(async |peer, tale| {
        let (bob, url) = at_the_callback(peer).await;
        let calls = peer.provider.calls(Endpoint::Token);
        peer.provider
            .delay(Endpoint::Token, Duration::from_millis(400));
        let (mut first, mut second) = (bob.clone(), bob);
        let (one, other) = tokio::join!(first.open(&url), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            second.open(&url).await
        });
        peer.provider.delay(Endpoint::Token, Duration::ZERO);
        for answer in [&one, &other] {
            assert!(answer.makes_a_session());
            assert_eq!(answer.location(), "/me");
        }
        assert_eq!(peer.provider.calls(Endpoint::Token), calls + 1);
        assert_eq!(first.user().await, second.user().await);
        tale.tell("other", &other);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_pass_a_guard_sees_a_page() {
    alike(async |peer, tale| {
        let mut bob = peer.browser_of("bob").await;
        let answer = bob.open("/admin/dashboard").await;
        shows(&answer, 403, "This page is not for your account", "/");
        tale.tell("guard", &answer);
    })
    .await;
}

#[tokio::test]
async fn nobody_can_sign_in_where_nothing_is_set_up_and_a_page_says_so() {
    let setup = Setup {
        configured: false,
        ..Setup::default()
    };
    alike_in(setup, async |peer, tale| {
        for path in ["/api/auth/signin", "/dashboard"] {
            let answer = peer.browser().open(path).await;
            shows(&answer, 503, "Nobody can sign in yet", "/");
            tale.tell(path, &answer);
        }
    })
    .await;
}

#[tokio::test]
async fn another_sites_form_gets_a_page_and_no_logout() {
    alike(async |peer, tale| {
        let mut bob = peer.browser_of("bob").await;
        let post = bob.visit(Method::POST, "/api/auth/logout");
        let answer = post.header("origin", "https://evil.example").send().await;
        shows(&answer, 403, "That came from another site", "/");
        tale.tell("logout", &answer);
        assert_eq!(bob.open("/dashboard").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn scripts_and_clients_are_told_in_json_as_before() {
    let json =
        r#"{"error":"Sign-in expired or was not started in this browser","code":"unknown_state"}"#;
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let fetch = browser.fetch(LATE).await;
        let xhr = browser.visit(Method::GET, LATE);
        let xhr = xhr
            .header("x-requested-with", "XMLHttpRequest")
            .send()
            .await;
        let curl = browser.visit(Method::GET, LATE).without("sec-fetch-mode");
        let curl = curl.header("accept", "*/*").send().await;
        let weighed = browser.visit(Method::GET, LATE).without("sec-fetch-mode");
        let weighed = weighed.header("accept", "text/html;q=0.5, application/json");
        for answer in [fetch, xhr, curl, weighed.send().await] {
            assert_eq!(answer.body, json);
            assert_eq!(
                answer.header(header::CONTENT_TYPE),
                Some("application/json")
            );
            tale.tell("script", &answer);
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_in_a_web_view_is_a_page() {
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let view = browser.visit(Method::GET, LATE);
        let view = view
            .header("x-requested-with", "com.example.shop")
            .send()
            .await;
        shows(&view, 400, "Your sign-in has run out", "/api/auth/signin");
        tale.tell("late", &view);
        // It is sent to sign in, as every browser.
        let view = browser.visit(Method::GET, "/dashboard");
        let view = view
            .header("x-requested-with", "com.example.shop")
            .send()
            .await;
        assert!(
            view.location().starts_with("/api/auth/signin?"),
            "{view:#?}"
        );
        tale.tell("guard", &view);
    })
    .await;
}

// Asked ahead, and by another name

#[tokio::test]
async fn a_browser_that_asks_ahead_begins_and_ends_nothing() {
    alike(async |peer, tale| {
        let (mut browser, callback) = at_the_callback(peer).await;
        let transactions = browser.transactions().len();
        for purpose in ["prefetch", "prefetch;prerender"] {
            for target in ["/api/auth/signin", callback.as_str()] {
                let visit = browser.visit(Method::GET, target);
                let answer = visit.header("sec-purpose", purpose).send().await;
                assert_eq!(answer.status, 503, "{answer:#?}");
                assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
                assert!(answer.set_cookies().is_empty());
                tale.tell(purpose, &answer);
            }
        }
        assert_eq!(browser.transactions().len(), transactions);
        // It is there for whoever comes.
        assert!(browser.open(&callback).await.makes_a_session());
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_begins_at_the_apps_own_spelling_of_its_host() {
    alike(async |peer, tale| {
        let by_name = peer.url.replace("127.0.0.1", "localhost");
        assert_ne!(by_name, peer.url);
        let host = by_name.trim_start_matches("http://");
        let request = "GET /api/auth/signin?returnTo=%2Fme%3Fa HTTP/1.1";
        let headers = [("host", host), ("sec-fetch-mode", "navigate")];
        let sent = peer.say_as(request, &headers).await;
        let there = format!("{}/api/auth/signin?returnTo=%2Fme%3Fa&moved=1", peer.url);
        assert_eq!(sent.location(), there);
        assert!(sent.set_cookies().is_empty());
        tale.tell("sent", &sent);
        // A proxy that writes hosts anew leads nobody round.
        let request = "GET /api/auth/signin?returnTo=%2Fme%3Fa&moved=1 HTTP/1.1";
        let begun = peer.say_as(request, &headers).await;
        assert!(begun.location().starts_with(peer.provider.issuer()));
        tale.tell("begun", &begun);
        let other = [("host", "evil.example")];
        let begun = peer.say_as("GET /api/auth/signin HTTP/1.1", &other).await;
        assert!(begun.location().starts_with(peer.provider.issuer()));
        tale.tell("another host", &begun);
    })
    .await;
}

// Cancelled

/// Goes to the provider for a page, and cancels there.
async fn cancels(browser: &mut Browser, started: &Answer) -> Answer {
    let mut url = started.next();
    url.query_pairs_mut().append_pair("cancel", "1");
    let cancelled = browser.open(url.as_str()).await;
    browser.open(cancelled.next().as_str()).await
}

#[tokio::test]
async fn who_cancels_is_led_back_and_not_to_the_provider_once_more() {
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let refused = browser.open("/dashboard?tab=2").await;
        let started = browser.open(refused.location()).await;
        let back = cancels(&mut browser, &started).await;
        assert_eq!(
            (back.status.as_u16(), back.location()),
            (303, "/dashboard?tab=2")
        );
        assert!(!back.makes_a_session());
        tale.tell("back", &back);
        // The page asks for a sign-in: it is not begun by itself.
        let page = browser.open(back.location()).await;
        let again = "/api/auth/signin?returnTo=%2Fdashboard%3Ftab%3D2";
        shows(&page, 401, "Please sign in", again);
        assert!(
            page.body.contains("The sign-in was cancelled"),
            "{}",
            page.body
        );
        tale.tell("page", &page);
        // Another time it is as ever.
        let refused = browser.open("/dashboard?tab=2").await;
        assert_eq!(refused.location(), again);
        let other = browser.open("/me").await;
        assert_eq!(other.status, 303);
        tale.tell("as ever", &other);
    })
    .await;
}

#[tokio::test]
async fn who_cancels_on_the_way_to_another_page_is_asked_there_as_ever() {
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let started = browser.start(Some("/dashboard")).await;
        cancels(&mut browser, &started).await;
        let refused = browser.open("/me").await;
        assert_eq!(refused.location(), "/api/auth/signin?returnTo=%2Fme");
        tale.tell("another page", &refused);
    })
    .await;
}

#[tokio::test]
async fn who_cancels_without_a_page_in_mind_comes_to_the_one_after_a_logout() {
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let started = browser.start(None).await;
        let back = cancels(&mut browser, &started).await;
        assert_eq!(back.location(), "/");
        let home = browser.open("/").await;
        assert_eq!(home.body, "Hello stranger");
        tale.tell("home", &home);
    })
    .await;
}

#[tokio::test]
async fn who_cancels_a_second_sign_in_keeps_the_first() {
    alike(async |peer, tale| {
        let mut alice = peer.browser_of("alice").await;
        let started = alice.start(Some("/me")).await;
        let back = cancels(&mut alice, &started).await;
        assert_eq!(back.location(), "/me");
        let me = alice.open("/me").await;
        assert_eq!(me.status, 200);
        tale.tell("me", &me);
    })
    .await;
}

#[tokio::test]
async fn a_script_is_told_that_it_was_cancelled() {
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let mut url = browser.start(Some("/me")).await.next();
        url.query_pairs_mut().append_pair("cancel", "1");
        let cancelled = browser.open(url.as_str()).await;
        let answer = browser.fetch(cancelled.next().as_str()).await;
        answer.refuses(403, "access_denied", "Access denied");
        assert!(answer.header(header::LOCATION).is_none());
        tale.tell("script", &answer);
    })
    .await;
}

// Pages of the app's own

mod of_the_apps_own {
    use super::*;
    use authsafe::__private::{Pages, Protect, SpecParts, parts, spec};
    use authsafe::{Policy, Spec};

    static OWN: Spec = spec(SpecParts {
        pages: Pages {
            error: Some("/oops?from=auth"),
            expired: Some("/welcome-back"),
            sign_in: Some("/login"),
        },
        protect: &[
            Protect {
                path: "/vault/**",
                when: Policy::Scope("admin"),
            },
            Protect {
                path: "/transfer/**",
                when: Policy::Recent(60),
            },
        ],
        ..*parts(authsafe_tests::auth::SPEC)
    });

    async fn on_own_pages(story: impl AsyncFn(&Peer, &mut authsafe_tests::peers::Tale)) {
        let setup = Setup {
            spec: &OWN,
            files: true,
            ..Setup::default()
        };
        alike_in(setup, story).await;
    }

    #[track_caller]
    fn leads(answer: &Answer, to: &str) {
        let found = (answer.status.as_u16(), answer.location());
        assert_eq!(found, (303, to), "{answer:#?}");
        assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
    }

    #[tokio::test]
    async fn a_person_meets_the_apps_page_and_a_script_the_json() {
        on_own_pages(async |peer, tale| {
            let mut bob = peer.browser_of("bob").await;
            // A guard, a path rule, an endpoint.
            for page in ["/admin/dashboard", "/vault/safe"] {
                let refused = bob.open(page).await;
                leads(&refused, "/oops?from=auth&code=forbidden");
                tale.tell(page, &refused);
            }
            let wrong_issuer = {
                let started = bob.start(None).await;
                let chosen = bob.choose("bob", &started).await;
                let mut url = chosen.next();
                url.query_pairs_mut().append_pair("error", "made_up");
                bob.open(url.as_str()).await
            };
            leads(&wrong_issuer, "/oops?from=auth&code=request_refused");
            tale.tell("callback", &wrong_issuer);
            let told = bob.fetch("/admin/dashboard").await;
            told.refuses(403, "forbidden", "Insufficient permission");
            tale.tell("script", &told);
        })
        .await;
    }

    #[tokio::test]
    async fn who_has_to_sign_in_comes_to_the_apps_page_first() {
        on_own_pages(async |peer, tale| {
            let mut browser = peer.browser();
            let refused = browser.open("/dashboard?a=b").await;
            leads(
                &refused,
                "/login?returnTo=%2Fdashboard%3Fa%3Db&code=unauthenticated",
            );
            tale.tell("guard", &refused);
            let started = browser.start(Some("/dashboard?a=b")).await;
            let back = cancels(&mut browser, &started).await;
            let refused = browser.open(back.location()).await;
            leads(
                &refused,
                "/login?returnTo=%2Fdashboard%3Fa%3Db&code=access_denied",
            );
            tale.tell("cancelled", &refused);
            let told = browser.fetch("/dashboard").await;
            told.refuses(401, "unauthenticated", "Sign-in required");
        })
        .await;
    }

    /// The link of the app's page asks for no new sign-in: it would lead back here.
    #[tokio::test]
    async fn who_has_to_sign_in_once_more_goes_to_the_provider() {
        on_own_pages(async |peer, tale| {
            let mut alice = peer.browser_of("alice").await;
            peer.pass(Duration::from_secs(120));
            let refused = alice.open("/transfer/all").await;
            leads(
                &refused,
                "/api/auth/signin?returnTo=%2Ftransfer%2Fall&max_age=60",
            );
            tale.tell("guard", &refused);
        })
        .await;
    }

    #[tokio::test]
    async fn who_comes_back_to_what_is_over_is_welcomed_back() {
        on_own_pages(async |peer, tale| {
            let mut alice = peer.browser_of("alice").await;
            peer.pass(Duration::from_secs(2 * 3600));
            let refused = alice.open("/dashboard").await;
            leads(
                &refused,
                "/welcome-back?returnTo=%2Fdashboard&code=unauthenticated",
            );
            tale.tell("session", &refused);
            // Who never had one is no guest of yesterday.
            let stranger = peer.browser().open("/dashboard").await;
            assert!(stranger.location().starts_with("/login?"));
            let late = peer.browser().open(LATE).await;
            leads(&late, "/welcome-back?code=unknown_state");
            tale.tell("callback", &late);
        })
        .await;
    }

    #[tokio::test]
    async fn a_page_that_is_guarded_itself_leads_nobody_round() {
        static ROUND: Spec = spec(SpecParts {
            pages: Pages {
                error: Some("/admin/dashboard"),
                expired: Some("/me"),
                sign_in: Some("/dashboard"),
            },
            ..*parts(authsafe_tests::auth::SPEC)
        });
        let setup = Setup {
            spec: &ROUND,
            ..Setup::default()
        };
        alike_in(setup, async |peer, tale| {
            let mut stranger = peer.browser();
            let page = stranger.open("/dashboard").await;
            assert!(page.is_page() && page.status == 401, "{page:#?}");
            tale.tell("signed out", &page);
            let page = peer.browser_of("bob").await.open("/admin/dashboard").await;
            assert!(page.is_page() && page.status == 403, "{page:#?}");
            tale.tell("refused", &page);
        })
        .await;
    }
}

/// A page that sends whoever is not signed in to the provider by itself.
#[tokio::test]
async fn who_is_refused_by_the_provider_again_and_again_is_told_so_and_does_not_go_round() {
    alike(async |peer, tale| {
        let mut browser = peer.browser();
        let started = browser.start(Some("/me")).await;
        let back = cancels(&mut browser, &started).await;
        assert_eq!(back.location(), "/me");
        let started = browser.start(Some("/me")).await;
        let told = cancels(&mut browser, &started).await;
        shows(&told, 403, "You are not signed in", "/api/auth/signin");
        tale.tell("again", &told);
    })
    .await;
}
