//! How often one client may call an endpoint.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::Ipv4Addr;
use std::sync::LazyLock;
use std::time::Duration;

use authsafe::__private::{Rate, RateSpec, SpecParts, parts, spec};
use authsafe::{Auth, ClientAddr, Spec};
use authsafe_tests::peers::{Peer, Setup, Tale, alike_in};
use authsafe_tests::{Browser, Logs, Stage, auth, serve};
use axum::Router;
use http::Request;
use http::header::RETRY_AFTER;

static TWICE_A_MINUTE: Spec = spec(SpecParts {
    rate_limit: RateSpec {
        signin: Some(Rate {
            count: 2,
            per: Duration::from_secs(60),
        }),
        ..RateSpec::DEFAULT
    },
    ..*parts(auth::SPEC)
});

async fn stage() -> Stage {
    Stage::builder().spec(&TWICE_A_MINUTE).start().await
}

/// The status of a sign-in from an address.
async fn sign_in(auth: &Auth, address: &str) -> u16 {
    let client = ClientAddr(address.parse().unwrap());
    let request = Request::get("/api/auth/signin").extension(client).body(());
    let (parts, ()) = request.unwrap().into_parts();
    auth.sign_in(&parts).await.status().as_u16()
}

#[tokio::test]
async fn who_starts_too_many_sign_ins_is_told_when_to_come_back() {
    let stage = stage().await;
    let mut browser = stage.browser();
    for _ in 0..2 {
        assert_eq!(browser.start(None).await.status, 303);
    }
    let answer = browser.start(None).await;
    answer.refuses(429, "rate_limited", "Too many requests");
    assert_eq!(answer.header(RETRY_AFTER), Some("30"));
    stage.pass(Duration::from_secs(30));
    assert_eq!(browser.start(None).await.status, 303);
}

#[tokio::test]
async fn each_client_is_counted_by_itself() {
    let stage = stage().await;
    let mut statuses = Vec::new();
    for address in ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"] {
        statuses.push(sign_in(&stage.auth, address).await);
    }
    assert_eq!(statuses, [303, 303, 429, 303]);
}

#[tokio::test]
async fn an_endpoint_without_a_limit_has_none() {
    let stage = stage().await;
    let mut browser = stage.browser();
    for _ in 0..5 {
        assert_eq!(browser.post("/api/auth/logout").await.status, 303);
    }
}

// Who is who, on every framework

/// An app that is limited like that, behind proxies at these addresses.
fn behind(trusted_proxies: &'static [&'static str]) -> Setup {
    let spec = spec(SpecParts {
        trusted_proxies,
        ..*parts(&TWICE_A_MINUTE)
    });
    Setup {
        spec: Box::leak(Box::new(spec)),
        ..Setup::default()
    }
}

/// Starts a sign-in at an address of this machine, and notes its status.
async fn start(peer: &Peer, tale: &mut Tale, from: [u8; 4], headers: &[(&str, &str)]) -> u16 {
    let request = "GET /api/auth/signin HTTP/1.1";
    let answer = peer.say_from(Ipv4Addr::from(from), request, headers);
    let status = answer.await.status.as_u16();
    tale.note(&format!("{from:?} {headers:?}: {status}"));
    status
}

#[tokio::test]
async fn one_client_shuts_out_no_other() {
    alike_in(behind(&[]), async |peer, tale| {
        let mut statuses = Vec::new();
        for from in [
            [127, 0, 0, 1],
            [127, 0, 0, 1],
            [127, 0, 0, 1],
            [127, 0, 0, 2],
        ] {
            statuses.push(start(peer, tale, from, &[]).await);
        }
        assert_eq!(statuses, [303, 303, 429, 303]);
    })
    .await;
}

#[tokio::test]
async fn nobody_but_a_proxy_says_who_a_client_is() {
    // Another one of this machine's addresses is a proxy.
    alike_in(behind(&["127.0.0.9"]), async |peer, tale| {
        let mut statuses = Vec::new();
        for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            let headers = [("x-forwarded-for", address)];
            statuses.push(start(peer, tale, [127, 0, 0, 1], &headers).await);
            let headers = [("forwarded", &*format!("for={address}"))];
            statuses.push(start(peer, tale, [127, 0, 0, 1], &headers).await);
        }
        assert_eq!(statuses, [303, 303, 429, 429, 429, 429]);
    })
    .await;
}

#[tokio::test]
async fn clients_behind_a_proxy_are_counted_by_their_own_addresses() {
    alike_in(behind(&["127.0.0.0/8"]), async |peer, tale| {
        let mut statuses = Vec::new();
        for headers in [
            &[("x-forwarded-for", "192.0.2.1")][..],
            &[("x-forwarded-for", "192.0.2.1:4711, 127.0.0.7")],
            &[("x-forwarded-for", "6.6.6.6, 192.0.2.1")],
            &[
                ("x-forwarded-for", "6.6.6.6"),
                ("x-forwarded-for", "192.0.2.1"),
            ],
            &[("forwarded", "for=6.6.6.6, for=\"192.0.2.1:80\";proto=https")],
            &[("x-forwarded-for", "192.0.2.2")],
            // 64 bits of an IPv6 address are one client.
            &[("x-forwarded-for", "2001:db8::1")],
            &[("forwarded", "for=\"[2001:db8::2]:4711\"")],
            &[("x-forwarded-for", "2001:db8::3")],
            &[("x-forwarded-for", "2001:db8:0:1::1")],
            // What a client has put into the other header, or the proxy in front: nobody is known by
            // it, so many clients may be in there.
            &[
                ("x-forwarded-for", "192.0.2.3"),
                ("forwarded", "for=198.51.100.1"),
            ],
            &[
                ("x-forwarded-for", "192.0.2.3"),
                ("forwarded", "for=198.51.100.2"),
            ],
            &[
                ("x-forwarded-for", "192.0.2.3"),
                ("forwarded", "for=198.51.100.3"),
            ],
            &[("x-forwarded-for", "unknown")],
            &[("forwarded", "for=_hidden")],
            &[("forwarded", "for=unknown")],
            // And who did that is known without it.
            &[("x-forwarded-for", "192.0.2.3")],
        ] {
            statuses.push(start(peer, tale, [127, 0, 0, 1], headers).await);
        }
        assert_eq!(
            statuses,
            [
                303, 303, 429, 429, 429, 303, 303, 303, 429, 303, 303, 303, 303, 303, 303, 303, 303
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_is_no_network_stops_the_start() {
    let spec = spec(SpecParts {
        trusted_proxies: &["10.0.0.0/8", "10.1.2.3/8", "proxy"],
        ..*parts(&TWICE_A_MINUTE)
    });
    let started = Stage::builder().spec(Box::leak(Box::new(spec))).try_start();
    let error = started.await.err().unwrap().to_string();
    for problem in ["\"10.1.2.3/8\"", "\"proxy\""] {
        let problem = format!("trusted_proxies cannot be {problem}");
        assert!(error.contains(&problem), "{error}");
    }
    assert!(!error.contains("cannot be \"10.0.0.0/8\""), "{error}");
}

// Where nobody says who is who

static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

#[tokio::test]
async fn an_app_without_addresses_says_what_to_write_and_a_few_requests_shut_nobody_out() {
    LazyLock::force(&LOGS);
    let stage = stage().await;
    let app = Router::new().merge(stage.auth.router());
    let mut browser = Browser::new(&serve(app));
    for _ in 0..20 {
        assert_eq!(browser.start(None).await.status, 303);
    }
    let log = LOGS.text();
    let write = "app.into_make_service_with_connect_info::<SocketAddr>()";
    assert_eq!(log.matches(write).count(), 1, "{log}");
    // There is a bound to it all the same.
    for _ in 20..200 {
        assert_eq!(sign_in_from_nowhere(&stage.auth).await, 303);
    }
    assert_eq!(sign_in_from_nowhere(&stage.auth).await, 429);
}

async fn sign_in_from_nowhere(auth: &Auth) -> u16 {
    let request = Request::get("/api/auth/signin").body(());
    let (parts, ()) = request.unwrap().into_parts();
    auth.sign_in(&parts).await.status().as_u16()
}

#[tokio::test]
async fn an_app_behind_a_proxy_that_nobody_named_says_what_to_write() {
    LazyLock::force(&LOGS);
    let stage = stage().await;
    let mut browser = stage.browser();
    let visit = browser.visit(http::Method::GET, "/api/auth/signin");
    let visit = visit.header("x-forwarded-for", "192.0.2.1");
    assert_eq!(visit.send().await.status, 303);
    let log = LOGS.text();
    assert!(log.contains("trusted_proxies(\"127.0.0.1\")"), "{log}");
}

#[tokio::test]
async fn proxies_that_do_not_say_who_it_is_are_told_of_and_shut_nobody_out() {
    LazyLock::force(&LOGS);
    let write = "lead to two addresses, or to none that can be read";
    alike_in(behind(&["127.0.0.9"]), async |peer, tale| {
        let said = || {
            let log = LOGS.text();
            let lines = log.lines().filter(|line| line.contains(write));
            lines.filter(|line| line.contains("127.0.0.9")).count()
        };
        let before = said();
        for number in 0..20 {
            let address = format!("192.0.2.{number}");
            let headers = [
                ("x-forwarded-for", &*address),
                ("forwarded", "for=198.51.100.1"),
            ];
            assert_eq!(start(peer, tale, [127, 0, 0, 9], &headers).await, 303);
        }
        // Other clients write what they like.
        start(peer, tale, [127, 0, 0, 1], &[("forwarded", "for=x")]).await;
        assert_eq!(said(), before + 1);
    })
    .await;
}
