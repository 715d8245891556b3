//! How often one client may call an endpoint.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::{Auth, ClientAddr, Rate, RateSpec, Spec};
use authsafe_tests::{Stage, auth};
use http::Request;
use http::header::RETRY_AFTER;

static TWICE_A_MINUTE: Spec = Spec {
    rate_limit: RateSpec {
        signin: Some(Rate {
            count: 2,
            per: Duration::from_secs(60),
        }),
        ..RateSpec::DEFAULT
    },
    ..*auth::SPEC
};

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
        assert_eq!(browser.post("/api/auth/logout").await.status, 401);
    }
}
