//! Each provider that is known by its name, as the local provider behaves like it: who signs in has a
//! name and roles, keeps them at a refresh, loses the session where that is refused, and signs out.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use authsafe::dev::{Endpoint, LocalProvider};
use authsafe::{Session, Spec, require_role};
use authsafe_tests::{Answer, Browser, CLIENT_SECRET, Stage, eventually, fields, param};
use axum::routing::get;
use axum::{Json, Router};
use http::Method;
use serde_json::{Value, json};

/// Beside the name only what a deployment decides.
macro_rules! apps {
    ($($name:ident($($key:tt)*),)+) => {
        $(mod $name {
            #[authsafe::routes(
                provider = $($key)*,
                session(max_age = "8h"),
            )]
            pub(crate) mod auth {}
        })+
    };
}

apps!(
    at_authsafe(
        "authsafe",
        scopes("openid", "profile", "email", "offline_access", "roles")
    ),
    at_keycloak("keycloak"),
    at_auth0(
        "auth0",
        scopes("openid", "profile", "email", "offline_access"),
        claims(roles = "https://app.example.com/roles")
    ),
    at_okta(
        "okta",
        scopes("openid", "profile", "email", "offline_access", "groups")
    ),
    at_entra(
        "entra",
        scopes("openid", "profile", "email", "offline_access"),
        tenants("11111111-2222-3333-4444-555555555555")
    ),
    at_entra_by_a_form(
        "entra",
        scopes("openid", "profile", "email", "offline_access"),
        tenants = any,
        response_mode = "form_post"
    ),
    at_google("google"),
    at_cognito("cognito"),
    at_apple("apple"),
    at_zitadel(
        "zitadel",
        scopes(
            "openid",
            "profile",
            "email",
            "offline_access",
            "urn:zitadel:iam:org:projects:roles",
            "urn:zitadel:iam:user:resourceowner"
        )
    ),
    at_authelia(
        "authelia",
        scopes("openid", "profile", "email", "offline_access", "groups")
    ),
    at_authentik(
        "authentik",
        scopes("openid", "profile", "email", "offline_access")
    ),
    at_gitlab("gitlab", claims(roles = "groups_direct")),
);

/// The same apps, which know no provider by its name.
mod by_default {
    #[authsafe::routes(scopes("openid", "profile", "email", "offline_access"))]
    pub(crate) mod auth {}
}

mod with_default_scopes {
    #[authsafe::routes]
    pub(crate) mod auth {}
}

mod at_google_with_consent {
    #[authsafe::routes(provider = "google", authorize(prompt = "consent"), revoke_at_logout)]
    pub(crate) mod auth {}
}

/// What a sign-in has at one provider.
struct Expected {
    spec: &'static Spec,
    name: Option<&'static str>,
    has_roles: bool,
    email_verified: bool,
    organization: Option<&'static str>,
    out: Out,
    revokes: bool,
}

/// Where a logout goes.
#[derive(Clone, Copy)]
enum Out {
    Here,
    There,
    ThereBy(&'static str),
}

impl Expected {
    fn of(spec: &'static Spec) -> Self {
        Self {
            spec,
            name: Some("Alice Admin"),
            has_roles: true,
            email_verified: true,
            organization: None,
            out: Out::There,
            revokes: true,
        }
    }
}

#[require_role("admin", routes = any)]
async fn admin(session: Session) -> String {
    session.user().display_name().to_owned()
}

async fn me(session: Session) -> Json<Value> {
    Json(serde_json::to_value(&session).unwrap())
}

async fn stage(like: &str, spec: &'static Spec) -> Stage {
    let provider = LocalProvider::builder()
        .demo()
        .client("app", Some(CLIENT_SECRET))
        .like(like)
        .start()
        .await
        .unwrap();
    let pages = Router::new()
        .route("/me", get(me))
        .route("/admin", get(admin))
        .route("/", get(|| async { "home" }));
    let stage = Stage::builder().provider(provider).spec(spec).pages(pages);
    stage.start().await
}

/// Signs in, by a redirect or by a form as the provider has it.
async fn sign_in(browser: &mut Browser, user: &str) -> Answer {
    let started = browser.start(None).await;
    let chosen = browser.choose(user, &started).await;
    if chosen.status == 303 {
        return browser.open(chosen.next().as_str()).await;
    }
    let page = post(browser, "https://id.example", &chosen.body).await;
    let origin = started.url.origin().ascii_serialization();
    post(browser, &origin, &page.body).await
}

/// Posts the form of a page; one of another site without cookies.
async fn post(browser: &mut Browser, origin: &str, page: &str) -> Answer {
    let mut from_elsewhere = browser.clone();
    for cookie in from_elsewhere.cookies() {
        from_elsewhere.forget(&cookie);
    }
    let (browser, site) = match origin {
        "https://id.example" => (&mut from_elsewhere, "cross-site"),
        _ => (browser, "same-origin"),
    };
    let visit = browser.visit(Method::POST, "/api/auth/callback");
    let visit = visit
        .header("origin", origin)
        .header("sec-fetch-site", site);
    let kind = "application/x-www-form-urlencoded";
    visit.body(kind, &fields(page)).send().await
}

async fn has_all_that_was_told(browser: &mut Browser, expected: &Expected) {
    let answer = browser.fetch("/me").await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    let told = answer.json();
    assert_eq!(told["name"].as_str(), expected.name, "{told}");
    assert_eq!(told["email"], "alice@example.com", "{told}");
    assert_eq!(told["emailVerified"], expected.email_verified, "{told}");
    assert_eq!(
        told["organizationId"].as_str(),
        expected.organization,
        "{told}"
    );
    let roles = if expected.has_roles {
        json!(["admin"])
    } else {
        json!([])
    };
    assert_eq!(told["roles"], roles, "{told}");
    let status = if expected.has_roles { 200 } else { 403 };
    assert_eq!(browser.open("/admin").await.status, status);
}

async fn story(like: &str, expected: Expected) {
    let stage = stage(like, expected.spec).await;
    let calls = |endpoint| stage.provider.calls(endpoint);

    let mut browser = stage.browser();
    let done = sign_in(&mut browser, "alice").await;
    assert!(done.makes_a_session(), "{done:#?}");
    has_all_that_was_told(&mut browser, &expected).await;

    let mut of_bob = stage.browser();
    assert!(sign_in(&mut of_bob, "bob").await.makes_a_session());
    let refused = of_bob.open("/admin").await;
    assert_eq!(refused.status, 403, "{refused:#?}");

    // A refresh that is asked for, one that is due, and one that comes after another.
    let before = calls(Endpoint::Token);
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    has_all_that_was_told(&mut browser, &expected).await;
    stage.pass(Duration::from_secs(3601));
    has_all_that_was_told(&mut browser, &expected).await;
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    assert_eq!(calls(Endpoint::Token), before + 3);

    // A logout in one browser leaves those of other users alone.
    let mut copy = browser.clone();
    let out = browser.post("/api/auth/logout").await;
    assert_eq!(copy.fetch("/me").await.status, 401);
    let back = match expected.out {
        Out::Here => None,
        Out::There => Some("post_logout_redirect_uri"),
        Out::ThereBy(name) => Some(name),
    };
    match back {
        None => assert_eq!(out.location(), "/"),
        Some(name) => {
            let there = out.next();
            assert_eq!(param(&there, name), Some(format!("{}/", stage.url)));
            let back = browser.open(there.as_str()).await;
            assert_eq!(back.location(), format!("{}/", stage.url), "{back:#?}");
        }
    }
    if expected.revokes {
        eventually("the revocation", || calls(Endpoint::Revoke) == 1).await;
    }
    assert_eq!(calls(Endpoint::Logout), usize::from(back.is_some()));
    assert_eq!(of_bob.post("/api/auth/refresh").await.status, 200);
    let revoked = usize::from(expected.revokes);
    assert_eq!(calls(Endpoint::Revoke), revoked);

    // A refused refresh ends the session, whether it was asked for or due.
    stage.provider.revoke_all();
    let mut copy = of_bob.clone();
    let refused = of_bob.post("/api/auth/refresh").await;
    refused.refuses(401, "session_ended", "Session ended");
    assert_eq!(of_bob.fetch("/me").await.status, 401);
    stage.pass(Duration::from_secs(3601));
    assert_eq!(copy.fetch("/me").await.status, 401);
}

#[tokio::test]
async fn authsafe() {
    let expected = Expected {
        organization: Some("org_demo"),
        ..Expected::of(at_authsafe::auth::SPEC)
    };
    story("authsafe", expected).await;
}

#[tokio::test]
async fn keycloak() {
    story("keycloak", Expected::of(at_keycloak::auth::SPEC)).await;
}

#[tokio::test]
async fn auth0() {
    let expected = Expected {
        organization: Some("org_demo"),
        ..Expected::of(at_auth0::auth::SPEC)
    };
    story("auth0", expected).await;
}

#[tokio::test]
async fn okta() {
    story("okta", Expected::of(at_okta::auth::SPEC)).await;
}

#[tokio::test]
async fn entra() {
    let expected = Expected {
        organization: Some("11111111-2222-3333-4444-555555555555"),
        ..Expected::of(at_entra::auth::SPEC)
    };
    story("entra", expected).await;
}

#[tokio::test]
async fn entra_by_a_form() {
    let expected = Expected {
        organization: Some("11111111-2222-3333-4444-555555555555"),
        ..Expected::of(at_entra_by_a_form::auth::SPEC)
    };
    story("entra", expected).await;
}

#[tokio::test]
async fn google() {
    let expected = Expected {
        has_roles: false,
        organization: Some("org_demo"),
        out: Out::Here,
        revokes: false,
        ..Expected::of(at_google::auth::SPEC)
    };
    story("google", expected).await;
}

#[tokio::test]
async fn cognito() {
    let expected = Expected {
        out: Out::ThereBy("logout_uri"),
        ..Expected::of(at_cognito::auth::SPEC)
    };
    story("cognito", expected).await;
}

#[tokio::test]
async fn apple() {
    let expected = Expected {
        name: None,
        has_roles: false,
        out: Out::Here,
        revokes: false,
        ..Expected::of(at_apple::auth::SPEC)
    };
    story("apple", expected).await;
}

#[tokio::test]
async fn zitadel() {
    let expected = Expected {
        organization: Some("org_demo"),
        ..Expected::of(at_zitadel::auth::SPEC)
    };
    story("zitadel", expected).await;
}

#[tokio::test]
async fn authelia() {
    let expected = Expected {
        out: Out::Here,
        ..Expected::of(at_authelia::auth::SPEC)
    };
    story("authelia", expected).await;
}

#[tokio::test]
async fn authentik() {
    let expected = Expected {
        email_verified: false,
        ..Expected::of(at_authentik::auth::SPEC)
    };
    story("authentik", expected).await;
}

#[tokio::test]
async fn gitlab() {
    let expected = Expected {
        out: Out::Here,
        ..Expected::of(at_gitlab::auth::SPEC)
    };
    story("gitlab", expected).await;
}

/// What each row is for: this is what fails without it.
mod without_its_name {
    use super::*;

    async fn signed_in(like: &str) -> (Stage, Browser) {
        let stage = stage(like, with_default_scopes::auth::SPEC).await;
        let mut browser = stage.browser();
        assert!(sign_in(&mut browser, "alice").await.makes_a_session());
        (stage, browser)
    }

    #[tokio::test]
    async fn nobody_has_a_role() {
        for like in [
            "authsafe",
            "keycloak",
            "auth0",
            "okta",
            "cognito",
            "zitadel",
            "authelia",
            "authentik",
            "gitlab",
        ] {
            let (_stage, mut browser) = signed_in(like).await;
            assert_eq!(browser.open("/admin").await.status, 403, "{like}");
        }
        // Entra's are where they are read in any case, and so are they at AuthSafe for their scope.
        let (_stage, mut browser) = signed_in("google").await;
        let told = browser.fetch("/me").await.json();
        assert_eq!(told["organizationId"], json!(null));
    }

    #[tokio::test]
    async fn the_scope_for_refresh_tokens_is_refused() {
        for like in ["google", "cognito", "gitlab", "apple"] {
            let stage = stage(like, by_default::auth::SPEC).await;
            let mut browser = stage.browser();
            let started = browser.start(None).await;
            let refused = browser.choose("alice", &started).await.next();
            let error = param(&refused, "error");
            assert_eq!(error.as_deref(), Some("invalid_scope"), "{like}");
            let callback = browser.open(refused.as_str()).await;
            assert_eq!(callback.status, 502, "{like}");
        }
    }

    #[tokio::test]
    async fn apple_wants_a_form() {
        mod by_query {
            #[authsafe::routes(scopes("openid", "email"))]
            pub(crate) mod auth {}
        }
        let stage = stage("apple", by_query::auth::SPEC).await;
        let mut browser = stage.browser();
        let started = browser.start(None).await;
        let refused = browser.choose("alice", &started).await.next();
        let said = param(&refused, "error_description").unwrap();
        assert!(said.contains("form_post"), "{said}");
    }

    #[tokio::test]
    async fn cognito_signs_nobody_out() {
        let (stage, mut browser) = signed_in("cognito").await;
        let out = browser.post("/api/auth/logout").await;
        let there = browser.open(out.next().as_str()).await;
        assert_eq!(there.status, 400);
        assert!(there.body.contains("logout_uri"), "{}", there.body);
        drop(stage);
    }

    #[tokio::test]
    async fn entra_does_not_start_for_tenants_that_nobody_names() {
        let provider = LocalProvider::builder()
            .demo()
            .client("app", Some(CLIENT_SECRET));
        let provider = provider.like("entra").start().await.unwrap();
        let stage = Stage::builder()
            .provider(provider)
            .spec(by_default::auth::SPEC);
        let error = stage.try_start().await.err().unwrap().to_string();
        assert!(error.contains("tenants"), "{error}");
    }
}

#[tokio::test]
async fn an_unknown_name_is_told_with_those_that_there_are() {
    let unknown = LocalProvider::builder().demo().like("ory").start().await;
    let error = unknown.unwrap_err().to_string();
    assert!(
        error.contains("`ory`") && error.contains("keycloak"),
        "{error}"
    );
}

#[tokio::test]
async fn google_gives_a_refresh_token_at_the_first_consent_alone() {
    let stage = stage("google", at_google::auth::SPEC).await;
    let refreshes = async |browser: &mut Browser| browser.post("/api/auth/refresh").await;
    let mut first = stage.browser();
    assert!(sign_in(&mut first, "alice").await.makes_a_session());
    let mut second = stage.browser();
    assert!(sign_in(&mut second, "alice").await.makes_a_session());
    refreshes(&mut second)
        .await
        .refuses(400, "no_refresh_token", "No refresh token available");
    // A session without one goes on, and a logout takes none of the others along.
    stage.pass(Duration::from_secs(3601));
    assert_eq!(second.fetch("/me").await.status, 200);
    second.post("/api/auth/logout").await;
    assert_eq!(refreshes(&mut first).await.status, 200);
}

#[tokio::test]
async fn at_google_a_revoked_token_ends_the_sessions_of_all_devices() {
    let stage = stage("google", at_google_with_consent::auth::SPEC).await;
    let mut devices = [stage.browser(), stage.browser()];
    for device in &mut devices {
        assert!(sign_in(device, "alice").await.makes_a_session());
        assert_eq!(device.post("/api/auth/refresh").await.status, 200);
    }
    let [one, other] = &mut devices;
    one.post("/api/auth/logout").await;
    let revoked = || stage.provider.calls(Endpoint::Revoke) == 1;
    eventually("the revocation", revoked).await;
    let refused = other.post("/api/auth/refresh").await;
    refused.refuses(401, "session_ended", "Session ended");
}

#[tokio::test]
async fn at_keycloak_three_tabs_of_one_session_come_to_their_end() {
    let stage = stage("keycloak", at_keycloak::auth::SPEC).await;
    let mut browser = stage.browser();
    assert!(sign_in(&mut browser, "alice").await.makes_a_session());
    let mut callbacks = Vec::new();
    for _ in 0..3 {
        let started = browser.start(None).await;
        callbacks.push(browser.choose("alice", &started).await.next());
    }
    for callback in callbacks {
        assert!(browser.open(callback.as_str()).await.makes_a_session());
    }
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    assert_eq!(stage.provider.calls(Endpoint::Revoke), 0);
    // A revoked token takes along what else is of that session, and nothing of another.
    let mut elsewhere = stage.browser();
    assert!(sign_in(&mut elsewhere, "alice").await.makes_a_session());
    let started = browser.start(None).await;
    let callback = browser.choose("alice", &started).await.next();
    browser.post("/api/auth/logout").await;
    let revoked = || stage.provider.calls(Endpoint::Revoke) == 1;
    eventually("the revocation", revoked).await;
    let late = browser.open(callback.as_str()).await;
    late.refuses(400, "invalid_code", "Invalid authorization code");
    assert_eq!(elsewhere.post("/api/auth/refresh").await.status, 200);
}

/// An access token that only its API can verify opens nothing, whatever it says.
#[tokio::test]
async fn an_access_token_of_another_api_gives_nobody_a_role() {
    for (like, spec) in [
        ("okta", at_okta::auth::SPEC),
        ("entra", at_entra::auth::SPEC),
    ] {
        let stage = stage(like, spec).await;
        stage.provider.tamper_access_token(|claims| {
            claims.insert("groups".into(), json!(["admin"]));
            claims.insert("roles".into(), json!(["admin"]));
        });
        let mut browser = stage.browser();
        assert!(sign_in(&mut browser, "bob").await.makes_a_session());
        assert_eq!(browser.open("/admin").await.status, 403, "{like}");
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
        assert_eq!(browser.open("/admin").await.status, 403, "{like}");
        // Keys are asked for once: neither is worth a search.
        assert_eq!(stage.provider.calls(Endpoint::Jwks), 1, "{like}");
    }
}
