//! What the provider says of a user: where it is, in which form, and what UserInfo adds.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::dev::{Endpoint, LocalProvider};
use authsafe::{Session, Spec, require_role};
use authsafe_tests::{Browser, Stage, app};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Map, Value, json};

#[authsafe::routes(scopes("openid", "profile", "email", "offline_access"))]
mod plain {}

#[authsafe::routes(userinfo = "never", claims(roles = "groups"))]
mod never {}

#[authsafe::routes(userinfo = "always")]
mod always {}

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access"),
    claims(
        roles("realm_access.roles", "https://example.com/roles"),
        organization = "tid",
        name("nickname", "name"),
    ),
    keep("department", "address.locality")
)]
mod declared {}

#[authsafe::routes(
    scopes("openid", "offline_access", "admin"),
    claims(roles = "realm_access.roles")
)]
mod scoped {}

async fn kept(session: Session) -> Json<Value> {
    Json(json!({
        "department": session.claim::<String>("department"),
        "locality": session.claim::<String>("address.locality"),
        "number": session.claim::<u64>("department"),
        "not declared": session.claim::<String>("nickname"),
    }))
}

#[require_role("boss", routes = any)]
async fn boss() {}

async fn stage(spec: &'static Spec) -> Stage {
    let pages: Router = app::pages()
        .route("/kept", get(kept))
        .route("/boss", get(boss));
    Stage::builder().spec(spec).pages(pages).start().await
}

fn without_profile(claims: &mut Map<String, Value>) {
    for claim in ["name", "email", "email_verified"] {
        claims.remove(claim);
    }
}

async fn me(browser: &mut Browser) -> Value {
    browser.fetch("/me").await.json()
}

fn asked(provider: &LocalProvider) -> usize {
    provider.calls(Endpoint::UserInfo)
}

async fn refresh(browser: &mut Browser) {
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
}

#[tokio::test]
async fn userinfo_is_not_asked_where_the_id_token_says_it_all() {
    let stage = stage(plain::SPEC).await;
    let mut alice = stage.browser_of("alice").await;
    refresh(&mut alice).await;
    assert_eq!(asked(&stage.provider), 0);
}

#[tokio::test]
async fn userinfo_says_what_the_scopes_promise_and_the_id_token_lacks() {
    let stage = stage(plain::SPEC).await;
    stage.provider.tamper_id_token(without_profile);
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(asked(&stage.provider), 1);
    let session = me(&mut alice).await;
    assert_eq!(session["name"], "Alice Admin");
    assert_eq!(session["email"], "alice@example.com");
    assert_eq!(session["emailVerified"], true);
    // Once a sign-in and once a refresh, not once a request.
    refresh(&mut alice).await;
    me(&mut alice).await;
    assert_eq!(asked(&stage.provider), 2);
}

#[tokio::test]
async fn userinfo_is_asked_as_the_attribute_says() {
    let stage_of_never = stage(never::SPEC).await;
    stage_of_never.provider.tamper_id_token(without_profile);
    let mut alice = stage_of_never.browser_of("alice").await;
    assert_eq!(asked(&stage_of_never.provider), 0);
    assert_eq!(me(&mut alice).await["name"], Value::Null);
    let stage_of_always = stage(always::SPEC).await;
    stage_of_always.browser_of("alice").await;
    assert_eq!(asked(&stage_of_always.provider), 1);
}

#[tokio::test]
async fn userinfo_of_another_user_is_ignored() {
    let stage = stage(plain::SPEC).await;
    stage.provider.tamper_id_token(without_profile);
    for sub in [json!("authsafe|bob"), json!(null), json!(5)] {
        stage.provider.tamper_userinfo(move |answer| {
            answer.insert("sub".into(), sub.clone());
            answer.insert("roles".into(), json!(["boss"]));
        });
        let mut alice = stage.browser_of("alice").await;
        let session = me(&mut alice).await;
        assert_eq!(session["userId"], "authsafe|alice");
        assert_eq!(session["name"], Value::Null);
        assert_eq!(session["roles"], json!(["admin"]));
    }
}

#[tokio::test]
async fn userinfo_that_fails_refuses_no_sign_in() {
    let stage = stage(plain::SPEC).await;
    stage.provider.tamper_id_token(without_profile);
    for (status, body) in [
        (StatusCode::INTERNAL_SERVER_ERROR, ""),
        (StatusCode::TOO_MANY_REQUESTS, ""),
        (StatusCode::FORBIDDEN, r#"{"error":"insufficient_scope"}"#),
        (StatusCode::OK, "<html></html>"),
        (StatusCode::OK, "[]"),
    ] {
        stage.provider.answer_next(Endpoint::UserInfo, status, body);
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(me(&mut alice).await["name"], Value::Null, "{status} {body}");
    }
    stage
        .provider
        .delay(Endpoint::UserInfo, Duration::from_secs(60));
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(me(&mut alice).await["userId"], "authsafe|alice");
}

#[tokio::test]
async fn userinfo_may_be_a_signed_jwt() {
    let stage = stage(plain::SPEC).await;
    let provider = &stage.provider;
    provider.tamper_id_token(without_profile);
    let signed = |user, audience| {
        provider.tamper_access_token(|claims| {
            claims.insert("name".into(), json!("Signed"));
        });
        let token = provider.access_token(user, audience, &[]).unwrap();
        provider.stop_tampering();
        provider.tamper_id_token(without_profile);
        token
    };
    let whole = signed("alice", "app");
    let forged = {
        let (message, _) = whole.rsplit_once('.').unwrap();
        format!("{message}.AAAA")
    };
    let (other, elsewhere) = (signed("bob", "app"), signed("alice", "another"));
    for (answer, name) in [
        (whole, json!("Signed")),
        (forged, json!(null)),
        (other, json!(null)),
        (elsewhere, json!(null)),
    ] {
        provider.answer_next(Endpoint::UserInfo, StatusCode::OK, answer);
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(me(&mut alice).await["name"], name);
    }
}

#[tokio::test]
async fn a_role_that_userinfo_gave_is_read_anew_at_each_refresh() {
    let stage = stage(declared::SPEC).await;
    let provider = &stage.provider;
    let boss = |answer: &mut Map<String, Value>| {
        answer.insert("https://example.com/roles".into(), json!("boss"));
    };
    provider.tamper_userinfo(boss);
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(alice.open("/boss").await.status, 200);
    refresh(&mut alice).await;
    assert_eq!(alice.open("/boss").await.status, 200);

    provider.tamper_userinfo(|_| {});
    refresh(&mut alice).await;
    assert_eq!(alice.open("/boss").await.status, 403);
}

#[tokio::test]
async fn a_role_that_userinfo_gave_goes_where_it_does_not_answer() {
    for without_id_token in [false, true] {
        let stage = stage(declared::SPEC).await;
        let provider = &stage.provider;
        provider.set_opaque_access_tokens(true);
        provider.tamper_userinfo(|answer| {
            answer.insert("https://example.com/roles".into(), json!("boss"));
            answer.insert("department".into(), json!("sales"));
        });
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(alice.open("/boss").await.status, 200);
        if without_id_token {
            provider.tamper_token_response(|answer| drop(answer.remove("id_token")));
        }
        let error = StatusCode::INTERNAL_SERVER_ERROR;
        provider.answer_next(Endpoint::UserInfo, error, "");
        refresh(&mut alice).await;
        assert_eq!(alice.open("/boss").await.status, 403);
        let kept = alice.fetch("/kept").await.json();
        assert_eq!(kept["department"], Value::Null);
        assert_eq!(me(&mut alice).await["name"], "Alice Admin");
    }
}

#[tokio::test]
async fn roles_of_several_paths_and_tokens_add_up() {
    let stage = stage(declared::SPEC).await;
    stage.provider.tamper_access_token(|claims| {
        claims.remove("org_id");
        claims.insert("realm_access".into(), json!({"roles": ["boss"]}));
    });
    stage.provider.tamper_id_token(|claims| {
        claims.insert("https://example.com/roles".into(), json!({"clerk": true}));
        claims.insert("tid".into(), json!("acme"));
        claims.insert("nickname".into(), json!("Al"));
    });
    let mut alice = stage.browser_of("alice").await;
    let session = me(&mut alice).await;
    assert_eq!(session["roles"], json!(["boss", "clerk"]));
    assert_eq!(session["organizationId"], "acme");
    assert_eq!(session["name"], "Al");
    assert_eq!(alice.open("/boss").await.status, 200);
    refresh(&mut alice).await;
    assert_eq!(me(&mut alice).await["roles"], json!(["boss", "clerk"]));
}

#[tokio::test]
async fn a_session_keeps_what_is_declared_and_reads_it_anew() {
    let stage = stage(declared::SPEC).await;
    stage.provider.tamper_id_token(|claims| {
        claims.insert("department".into(), json!("sales"));
        claims.insert("address".into(), json!({"locality": "Bonn"}));
        claims.insert("nickname".into(), json!("Al"));
    });
    let mut alice = stage.browser_of("alice").await;
    let kept = alice.fetch("/kept").await.json();
    let expected =
        json!({"department": "sales", "locality": "Bonn", "number": null, "not declared": null});
    assert_eq!(kept, expected);
    stage.provider.tamper_id_token(|claims| {
        claims.insert("department".into(), json!(7));
    });
    refresh(&mut alice).await;
    let kept = alice.fetch("/kept").await.json();
    let expected = json!({"department": null, "locality": null, "number": 7, "not declared": null});
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn a_claim_of_an_odd_type_refuses_no_sign_in_and_grants_nothing() {
    let stage = stage(plain::SPEC).await;
    for odd in [
        json!(5),
        json!({"boss": true}),
        json!(null),
        json!([{"a": 1}]),
        json!(true),
    ] {
        let also = odd.clone();
        stage.provider.tamper_id_token(move |claims| {
            for claim in [
                "name",
                "picture",
                "org_id",
                "roles",
                "permissions",
                "sid",
                "auth_time",
            ] {
                claims.insert(claim.into(), odd.clone());
            }
        });
        stage.provider.tamper_access_token(move |claims| {
            for claim in ["org_id", "roles", "permissions"] {
                claims.insert(claim.into(), also.clone());
            }
        });
        let mut alice = stage.browser_of("alice").await;
        let session = me(&mut alice).await;
        assert_eq!(session["roles"], json!([]));
        assert_eq!(session["permissions"], json!([]));
        assert_eq!(session["organizationId"], Value::Null);
        // UserInfo has one.
        assert_eq!(session["name"], "Alice Admin");
        refresh(&mut alice).await;
    }
}

#[tokio::test]
async fn scp_counts_as_scope() {
    for scp in [json!("openid admin"), json!(["openid", "admin"])] {
        let stage = stage(app::auth::SPEC).await;
        stage.provider.tamper_access_token(move |claims| {
            claims.remove("scope");
            claims.insert("scp".into(), scp.clone());
        });
        stage.provider.tamper_token_response(|answer| {
            answer.insert("scope".into(), json!("openid"));
        });
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(alice.open("/admin/dashboard").await.status, 200);
    }
}

/// As Keycloak has it: the roles lie in a token for its own account API.
#[tokio::test]
async fn declared_roles_are_read_from_a_token_for_another_api_that_was_issued_to_us() {
    for (azp, status) in [("app", StatusCode::OK), ("other", StatusCode::FORBIDDEN)] {
        let stage = stage(declared::SPEC).await;
        stage.provider.tamper_access_token(move |claims| {
            claims.insert("aud".into(), json!("account"));
            claims.insert("azp".into(), json!(azp));
            claims.insert("realm_access".into(), json!({"roles": ["boss"]}));
        });
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(alice.fetch("/boss").await.status, status, "{azp}");
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_eq!(alice.fetch("/boss").await.status, status, "{azp}");
        // What it no longer says is taken away.
        stage.provider.stop_tampering();
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
        assert_eq!(alice.fetch("/boss").await.status, StatusCode::FORBIDDEN);
    }
}

fn as_keycloak(
    azp: &'static str,
    sub: &'static str,
    role: &'static str,
) -> impl Fn(&mut Map<String, Value>) {
    move |claims| {
        for (name, value) in [
            ("aud", json!("account")),
            ("azp", json!(azp)),
            ("sub", json!(sub)),
            ("scope", json!("openid admin")),
            ("roles", json!(["boss"])),
            ("permissions", json!(["all"])),
            ("realm_access", json!({"roles": [role]})),
        ] {
            claims.insert(name.into(), value);
        }
    }
}

#[tokio::test]
async fn of_a_token_for_another_api_nothing_else_is_read() {
    for (azp, sub, roles) in [
        ("app", "authsafe|alice", json!(["clerk"])),
        ("another", "authsafe|alice", json!([])),
        ("app", "authsafe|bob", json!([])),
    ] {
        let stage = stage(scoped::SPEC).await;
        stage
            .provider
            .tamper_token_response(|answer| drop(answer.remove("scope")));
        stage
            .provider
            .tamper_access_token(as_keycloak(azp, sub, "clerk"));
        let mut alice = stage.browser_of("alice").await;
        let session = me(&mut alice).await;
        assert_eq!(session["userId"], "authsafe|alice");
        assert_eq!(session["roles"], roles, "{azp} {sub}");
        assert_eq!(session["permissions"], json!([]));
        assert_eq!(alice.open("/admin/dashboard").await.status, 403);
    }
}

#[tokio::test]
async fn its_roles_are_read_anew_at_each_refresh_and_scopes_that_are_not_told_stay() {
    for without_id_token in [false, true] {
        let stage = stage(scoped::SPEC).await;
        let provider = &stage.provider;
        let has = |role| provider.tamper_access_token(as_keycloak("app", "authsafe|alice", role));
        has("boss");
        let mut alice = stage.browser_of("alice").await;
        provider.tamper_token_response(move |answer| {
            answer.remove("scope");
            if without_id_token {
                answer.remove("id_token");
            }
        });
        for (role, status) in [("boss", 200), ("clerk", 403), ("boss", 200)] {
            has(role);
            refresh(&mut alice).await;
            assert_eq!(alice.open("/boss").await.status, status);
            assert_eq!(alice.open("/admin/dashboard").await.status, 200);
        }
        provider.tamper_access_token(as_keycloak("another", "authsafe|alice", "boss"));
        refresh(&mut alice).await;
        assert_eq!(alice.open("/boss").await.status, 403);
    }
}

#[tokio::test]
async fn a_refresh_with_another_users_access_token_alone_is_none_where_the_token_was_read() {
    for (azp, status) in [("app", 502), ("another", 200)] {
        let stage = stage(scoped::SPEC).await;
        let provider = &stage.provider;
        provider.tamper_access_token(as_keycloak(azp, "authsafe|alice", "boss"));
        let mut alice = stage.browser_of("alice").await;
        provider.tamper_token_response(|answer| drop(answer.remove("id_token")));
        provider.tamper_access_token(as_keycloak(azp, "authsafe|bob", "boss"));
        let answer = alice.post("/api/auth/refresh").await;
        assert_eq!(answer.status, status, "{azp}");
        assert_ne!(alice.open("/boss").await.status, 200, "{azp}");
    }
}
