//! Signing in, refreshing and signing out, as people and pages do it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use authsafe::__private::{SessionSpec, SpecParts, parts, spec};
use authsafe::Spec;
use authsafe::dev::{Endpoint, LocalProvider, User};
use authsafe_tests::{
    Answer, Browser, CLIENT_SECRET, COOKIE_SECRET, Stage, auth, demo_provider, eventually, param,
    serve,
};
use axum::Router;
use http::{HeaderName, Method, StatusCode, header};
use serde_json::json;

mod always {
    #[authsafe::routes(
        scopes("openid", "admin"),
        landing(always scope("admin") => "/admin/dashboard", _ => "/dashboard"),
    )]
    pub(crate) mod auth {}
}

mod by_role {
    #[authsafe::routes(
        scopes("openid"),
        roles("admin"),
        landing(role("admin") => "/by-role", _ => "/dashboard"),
        after_logout = "/bye",
    )]
    pub(crate) mod auth {}
}

// Sign-in

#[tokio::test]
async fn alice_lands_on_the_admin_dashboard_and_bob_on_his() {
    let stage = Stage::new().await;
    for (user, page, greeting) in [
        (
            "alice",
            "/admin/dashboard",
            "Admin dashboard of authsafe|alice",
        ),
        ("bob", "/dashboard", "Dashboard of authsafe|bob"),
    ] {
        let journey = stage.browser().sign_in(user, None).await;
        assert_eq!(journey.callback.location(), page);
        assert_eq!(journey.landed.unwrap().body, greeting);
    }
}

#[tokio::test]
async fn the_session_cookie_is_on_the_very_redirect_to_the_landing_page() {
    let stage = Stage::new().await;
    let callback = stage.browser().callback("alice").await;
    assert_eq!(callback.status, 303);
    assert!(callback.makes_a_session());
}

#[tokio::test]
async fn variables_from_elsewhere_configure_an_app_as_the_environment_does() {
    let provider = demo_provider().start().await.unwrap();
    let vars = HashMap::from([
        ("AUTHSAFE_DOMAIN", provider.issuer()),
        ("AUTHSAFE_CLIENT_ID", "app"),
        ("AUTHSAFE_CLIENT_SECRET", "a client secret"),
        ("AUTHSAFE_COOKIE_SECRET", COOKIE_SECRET),
        ("APP_URL", "http://localhost:3000"),
    ]);
    let lookup = |name: &str| vars.get(name).map(|&value| value.to_owned());
    let auth = auth::from_vars(lookup).await.unwrap();
    assert_eq!(
        auth.redirect_uri(),
        Some("http://localhost:3000/api/auth/callback")
    );
}

#[tokio::test]
async fn the_authorization_request_says_all_that_it_must_and_no_secret() {
    let stage = Stage::new().await;
    let url = stage.browser().start(None).await.next();
    let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let names = {
        let mut names: Vec<_> = query.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(
        names,
        [
            "client_id",
            "code_challenge",
            "code_challenge_method",
            "nonce",
            "redirect_uri",
            "response_type",
            "scope",
            "state"
        ]
    );
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["scope"], "openid profile email offline_access admin");
    assert_eq!(
        query["redirect_uri"],
        format!("{}/api/auth/callback", stage.url)
    );
    assert!(
        ["state", "nonce", "code_challenge"]
            .iter()
            .all(|it| query[*it].len() == 43)
    );
}

#[tokio::test]
async fn no_two_sign_ins_share_state_nonce_or_challenge() {
    let stage = Stage::new().await;
    let one = stage.browser().start(None).await.next();
    let two = stage.browser().start(None).await.next();
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(param(&one, name).unwrap(), param(&two, name).unwrap());
    }
}

#[tokio::test]
async fn hints_pass_to_the_provider_and_nothing_else_does() {
    let stage = Stage::new().await;
    let path = "/api/auth/signin?login_hint=a%40b.example&prompt=login&screen_hint=signup\
                &max_age=60&scope=root&redirect_uri=https://evil.example&acr_values=x&user=bob";
    let url = stage.browser().open(path).await.next();
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let given = |name: &str| pairs.iter().filter(|(it, _)| it == name).count();
    assert_eq!(param(&url, "login_hint").unwrap(), "a@b.example");
    assert_eq!(param(&url, "prompt").unwrap(), "login");
    assert_eq!(param(&url, "screen_hint").unwrap(), "signup");
    assert_eq!(param(&url, "max_age").unwrap(), "60");
    assert_eq!((given("scope"), given("redirect_uri")), (1, 1));
    assert_eq!((given("acr_values"), given("user")), (0, 0));
}

#[tokio::test]
async fn a_return_path_wins_over_the_landing_rules() {
    let stage = Stage::new().await;
    let journey = stage
        .browser()
        .sign_in("alice", Some("/me?x=1&y=%2F"))
        .await;
    assert_eq!(journey.callback.location(), "/me?x=1&y=%2F");
    assert_eq!(journey.landed.unwrap().json()["userId"], "authsafe|alice");
}

#[tokio::test]
async fn the_return_path_may_be_spelled_with_an_underscore() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let started = browser.open("/api/auth/signin?return_to=/me").await;
    let chosen = browser.choose("bob", &started).await;
    let callback = browser.open(chosen.next().as_str()).await;
    assert_eq!(callback.location(), "/me");
}

#[tokio::test]
async fn an_always_rule_wins_over_a_return_path_and_only_for_whom_it_is() {
    let stage = Stage::builder().spec(always::auth::SPEC).start().await;
    let alice = stage.browser().sign_in("alice", Some("/me")).await;
    assert_eq!(alice.callback.location(), "/admin/dashboard");
    let bob = stage.browser().sign_in("bob", Some("/me")).await;
    assert_eq!(bob.callback.location(), "/me");
}

#[tokio::test]
async fn a_role_decides_the_landing_page_too() {
    let stage = Stage::builder().spec(by_role::auth::SPEC).start().await;
    assert_eq!(
        stage.browser().callback("alice").await.location(),
        "/by-role"
    );
    assert_eq!(
        stage.browser().callback("bob").await.location(),
        "/dashboard"
    );
}

#[tokio::test]
async fn a_return_path_to_another_site_is_ignored() {
    let stage = Stage::new().await;
    for foreign in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "\thttps://evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "",
    ] {
        let callback = stage.browser().sign_in("bob", Some(foreign)).await.callback;
        assert_eq!(callback.location(), "/dashboard", "{foreign:?}");
    }
}

#[tokio::test]
async fn a_return_path_of_the_apps_own_origin_is_its_path_in_ascii() {
    let stage = Stage::new().await;
    let long = format!("/me?{}", "a".repeat(2000));
    for (asked, path) in [
        (format!("{}/me?tab=2#top", stage.url), "/me?tab=2#top"),
        ("/me?q=a b\u{e4}#c".to_owned(), "/me?q=a%20b%C3%A4#c"),
        (long.clone(), long.as_str()),
    ] {
        let callback = stage.browser().sign_in("bob", Some(&asked)).await.callback;
        assert_eq!(callback.location(), path, "{asked:?}");
    }
}

#[tokio::test]
async fn a_session_says_who_it_is_and_never_a_token() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    let me = browser.fetch("/me").await.json();
    let now = stage.clock.now();
    assert_eq!(
        me,
        json!({
            "userId": "authsafe|alice",
            "email": "alice@example.com",
            "emailVerified": true,
            "name": "Alice Admin",
            "picture": null,
            "organizationId": "org_demo",
            "scopes": ["openid", "profile", "email", "offline_access", "admin"],
            "roles": ["admin"],
            "permissions": ["users:read", "users:write"],
            "issuedAt": now,
            "expiresAt": now + 3600,
            "accessTokenExpiresAt": now + 3600,
        })
    );
}

#[tokio::test]
async fn a_public_client_signs_in_by_pkce_alone() {
    mod public {
        #[authsafe::routes(client_secret = none, scopes("openid", "offline_access"))]
        pub(super) mod auth {}
    }
    let provider = LocalProvider::builder().demo().client("app", None);
    let provider = provider.start().await.unwrap();
    let stage = Stage::builder()
        .spec(public::auth::SPEC)
        .provider(provider)
        .start()
        .await;
    let mut browser = stage.browser_of("bob").await;
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
}

#[tokio::test]
async fn the_endpoints_move_with_base_path_and_paths() {
    mod moved {
        #[authsafe::routes(base_path = "/session", paths(signin = "in", callback = "back"))]
        pub(super) mod auth {}
    }
    let stage = Stage::builder().spec(moved::auth::SPEC).start().await;
    let mut browser = stage.browser();
    let started = browser.open("/session/in").await;
    assert_eq!(browser.transactions()[0].path, "/session");
    let chosen = browser.choose("bob", &started).await;
    assert_eq!(chosen.next().path(), "/session/back");
    browser.open(chosen.next().as_str()).await;
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|bob"));
    assert_eq!(browser.open("/api/auth/signin").await.status, 404);
}

#[tokio::test]
async fn scopes_and_roles_are_read_as_text_and_as_list() {
    use authsafe::dev::ClaimForm::{Array, String};
    let stage = Stage::new().await;
    for (scope, roles) in [
        (String, String),
        (String, Array),
        (Array, String),
        (Array, Array),
    ] {
        stage.provider.set_scope_form(scope);
        stage.provider.set_roles_form(roles);
        let me = stage.browser_of("alice").await.fetch("/me").await.json();
        assert_eq!(me["scopes"][4], "admin", "{scope:?}");
        assert_eq!(me["roles"], json!(["admin"]), "{roles:?}");
    }
}

#[tokio::test]
async fn an_access_token_that_is_no_jwt_leaves_the_scopes_of_the_token_answer() {
    let stage = Stage::new().await;
    stage
        .provider
        .tamper_id_token(|claims| drop(claims.remove("at_hash")));
    stage.provider.tamper_token_response(|answer| {
        answer.insert("access_token".into(), json!("opaque"));
    });
    let me = stage.browser_of("alice").await.fetch("/me").await.json();
    assert_eq!(me["scopes"][4], "admin");
    assert_eq!(me["roles"], json!([]));
}

#[tokio::test]
async fn what_the_access_token_does_not_name_is_not_granted() {
    let stage = Stage::new().await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("scope".into(), json!("openid"));
    });
    let mut browser = stage.browser_of("alice").await;
    assert_eq!(browser.open("/admin/dashboard").await.status, 403);
}

#[tokio::test]
async fn a_session_ends_after_its_time_whatever_the_cookie_says() {
    let stage = Stage::builder().spec(by_role::auth::SPEC).start().await;
    let mut browser = stage.browser_of("bob").await;
    stage.pass(Duration::from_secs(3599));
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|bob"));
    stage.pass(Duration::from_secs(1));
    assert_eq!(browser.user().await, None);
}

#[tokio::test]
async fn the_second_sign_in_in_a_browser_replaces_the_first() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    browser.sign_in("bob", None).await;
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|bob"));
    assert_eq!(browser.open("/admin/dashboard").await.status, 403);
}

// Refresh

#[tokio::test]
async fn a_refresh_answers_the_session_with_the_new_end_of_its_access_token() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    let before = browser.fetch("/me").await.json();
    stage.pass(Duration::from_secs(600));

    let answer = browser.post("/api/auth/refresh").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
    let after = answer.json();
    assert_eq!(
        after["accessTokenExpiresAt"],
        before["accessTokenExpiresAt"].as_u64().unwrap() + 600
    );
    // The session itself ends `max_age` after sign-in, whatever happens.
    assert_eq!(after["expiresAt"], before["expiresAt"]);
    assert_eq!(after["userId"], "authsafe|alice");
    assert_eq!(after, browser.fetch("/me").await.json());
}

#[tokio::test]
async fn each_refresh_takes_the_token_that_the_last_one_gave() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    // The provider rotates: a refresh with a token that was used would be refused.
    for _ in 0..3 {
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    }
}

#[tokio::test]
async fn the_refresh_token_is_kept_where_none_comes_back() {
    let stage = Stage::new().await;
    stage.provider.set_refresh_rotation(false);
    let mut browser = stage.browser_of("alice").await;
    for _ in 0..3 {
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    }
}

#[tokio::test]
async fn a_refresh_without_a_new_id_token_keeps_the_old_one_for_the_logout() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage
        .provider
        .tamper_token_response(|answer| drop(answer.remove("id_token")));
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    let end_session = browser.post("/api/auth/logout").await.next();
    assert!(param(&end_session, "id_token_hint").is_some());
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_after_a_refresh() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("roles".into(), json!([]));
        claims.insert("scope".into(), json!("openid offline_access"));
    });
    let answer = browser.post("/api/auth/refresh").await.json();
    assert_eq!(answer["roles"], json!([]));
    assert_eq!(browser.open("/admin/dashboard").await.status, 403);
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_without_a_new_id_token_too() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage
        .provider
        .tamper_token_response(|answer| drop(answer.remove("id_token")));
    stage
        .provider
        .tamper_access_token(|claims| drop(claims.remove("roles")));
    let answer = browser.post("/api/auth/refresh").await.json();
    assert_eq!(answer["roles"], json!([]));
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_after_a_key_rotation_too() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage
        .provider
        .tamper_token_response(|answer| drop(answer.remove("id_token")));
    stage.provider.tamper_access_token(|claims| {
        claims.insert("roles".into(), json!([]));
    });
    stage.provider.rotate_keys().unwrap();
    stage.pass(Duration::from_secs(11));
    let answer = browser.post("/api/auth/refresh").await.json();
    assert_eq!(answer["roles"], json!([]));
}

#[tokio::test]
async fn a_refresh_that_cannot_be_checked_does_not_spend_the_refresh_token() {
    static A_DAY: Spec = spec(SpecParts {
        session: SessionSpec {
            max_age: Duration::from_secs(86_400),
            ..SessionSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });
    let stage = Stage::builder().spec(&A_DAY).start().await;
    let mut browser = stage.browser_of("alice").await;
    // By now the keys are too old, and they cannot be had.
    stage.pass(Duration::from_secs(3601));
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    stage.provider.answer_next(Endpoint::Jwks, unavailable, "");
    assert_eq!(browser.post("/api/auth/refresh").await.status, 503);
    assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
}

// Logout

#[tokio::test]
async fn a_logout_clears_the_session_and_goes_by_the_providers_own() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    let answer = browser.post("/api/auth/logout").await;
    assert_eq!(answer.removed(), ["authsafe"]);
    assert_eq!(browser.user().await, None);

    let end_session = answer.next();
    assert!(end_session.as_str().starts_with(stage.provider.issuer()));
    assert_eq!(end_session.path(), Endpoint::Logout.path());
    assert_eq!(param(&end_session, "client_id").unwrap(), "app");
    assert!(
        param(&end_session, "id_token_hint")
            .unwrap()
            .split('.')
            .count()
            == 3
    );
    let back = param(&end_session, "post_logout_redirect_uri").unwrap();
    assert_eq!(back, format!("{}/", stage.url));

    let home = browser.open(end_session.as_str()).await;
    assert_eq!(home.location(), back);
    assert_eq!(browser.open(home.location()).await.body, "Hello stranger");
}

#[tokio::test]
async fn a_logout_tells_browsers_what_to_forget_where_the_app_says_so() {
    static FORGETFUL: Spec = spec(SpecParts {
        clear_site_data: &["cache", "storage"],
        ..*parts(auth::SPEC)
    });
    let forgets = |answer: &Answer| {
        let name = HeaderName::from_static("clear-site-data");
        answer.header(name).map(str::to_owned)
    };
    let stage = Stage::builder().spec(&FORGETFUL).start().await;
    let mut alice = stage.browser_of("alice").await;
    assert_eq!(forgets(&alice.open("/me").await), None);
    let expected = Some("\"cache\", \"storage\"");
    assert_eq!(
        forgets(&alice.post("/api/auth/logout").await).as_deref(),
        expected
    );
    // It is over already.
    assert_eq!(
        forgets(&alice.post("/api/auth/logout").await).as_deref(),
        expected
    );
    let plain = Stage::new().await;
    let mut alice = plain.browser_of("alice").await;
    assert_eq!(forgets(&alice.post("/api/auth/logout").await), None);
}

#[tokio::test]
async fn a_state_that_logout_was_given_comes_back_with_the_user() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    let answer = browser.post("/api/auth/logout?state=a%26b").await;
    let home = browser.open(answer.next().as_str()).await;
    assert_eq!(home.location(), format!("{}/?state=a%26b", stage.url));
}

#[tokio::test]
async fn a_logout_revokes_the_refresh_token() {
    let stage = Stage::new().await;
    let other = stage.another_machine().await;
    let mut browser = stage.browser_of("alice").await;
    let mut thief = browser.clone().at(&other);
    browser.post("/api/auth/logout").await;
    eventually("a call of the revocation endpoint", || {
        stage.provider.calls(Endpoint::Revoke) == 1
    })
    .await;
    let answer = thief.post("/api/auth/refresh").await;
    answer.refuses(401, "session_ended", "Session ended");
}

#[tokio::test]
async fn a_slow_provider_does_not_delay_a_logout() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    let delay = Duration::from_secs(3);
    stage.provider.delay(Endpoint::Revoke, delay);
    stage.provider.delay(Endpoint::Discovery, delay);
    let start = Instant::now();
    assert_eq!(browser.post("/api/auth/logout").await.status, 303);
    assert!(start.elapsed() < delay, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_logout_by_fetch_is_told_where_to_go() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    let answer = browser.own_post("/api/auth/logout").json().send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header(header::CACHE_CONTROL), Some("no-store"));
    assert_eq!(answer.json()["success"], true);
    let target = answer.json()["redirectTo"].as_str().unwrap().to_owned();
    assert!(target.starts_with(stage.provider.issuer()), "{target}");
    assert_eq!(browser.user().await, None);
}

/// A script cannot follow a redirect to the provider, which is another origin.
#[tokio::test]
async fn a_script_is_told_where_to_go_whatever_it_says_that_it_takes() {
    let stage = Stage::new().await;
    for (mode, accept) in [
        ("cors", "*/*"),
        ("same-origin", "*/*"),
        ("no-cors", "*/*"),
        ("cors", "application/json, text/plain, */*"),
    ] {
        let mut browser = stage.browser_of("alice").await;
        let visit = browser.own_post("/api/auth/logout");
        let visit = visit.header("sec-fetch-mode", mode);
        let answer = visit.header("accept", accept).send().await;
        assert_eq!(answer.status, 200, "{mode} {accept}");
        assert_eq!(answer.json()["success"], true);
    }
    let mut browser = stage.browser_of("alice").await;
    let visit = browser.own_post("/api/auth/logout").header("accept", "*/*");
    let visit = visit.without("sec-fetch-mode");
    let answer = visit.header("x-requested-with", "XMLHttpRequest");
    assert_eq!(answer.send().await.json()["success"], true);
}

#[tokio::test]
async fn whoever_takes_html_and_whoever_is_no_browser_is_redirected() {
    let stage = Stage::new().await;
    for (mode, accept) in [
        (Some("navigate"), "text/html,*/*;q=0.8"),
        (Some("navigate"), "*/*"),
        // A library that submits forms by `fetch`.
        (Some("cors"), "text/html, application/xhtml+xml"),
        (None, "*/*"),
        (None, "text/html"),
    ] {
        let mut browser = stage.browser_of("alice").await;
        let visit = browser.own_post("/api/auth/logout");
        let visit = match mode {
            Some(mode) => visit.header("sec-fetch-mode", mode),
            None => visit.without("sec-fetch-mode"),
        };
        let answer = visit.header("accept", accept).send().await;
        assert_eq!(answer.status, 303, "{mode:?} {accept}");
    }
}

/// A logout where the provider has no end-session endpoint.
async fn logout_here_alone(target: &str) -> Answer {
    let provider = demo_provider().start().await.unwrap();
    provider.set_end_session(false);
    let stage = Stage::builder()
        .spec(by_role::auth::SPEC)
        .provider(provider)
        .start()
        .await;
    stage.browser_of("bob").await.post(target).await
}

#[tokio::test]
async fn without_an_end_session_endpoint_a_logout_goes_to_after_logout() {
    let answer = logout_here_alone("/api/auth/logout").await;
    assert_eq!(answer.location(), "/bye");
}

#[tokio::test]
async fn without_an_end_session_endpoint_a_logout_goes_to_the_return_path() {
    let answer = logout_here_alone("/api/auth/logout?returnTo=/me").await;
    assert_eq!(answer.location(), "/me");
}

#[tokio::test]
async fn a_logout_goes_to_no_other_site() {
    let answer = logout_here_alone("/api/auth/logout?returnTo=//evil.example").await;
    assert_eq!(answer.location(), "/bye");
}

#[tokio::test]
async fn with_an_end_session_endpoint_after_logout_is_where_it_comes_back_to() {
    let stage = Stage::builder().spec(by_role::auth::SPEC).start().await;
    let answer = stage.browser_of("bob").await.post("/api/auth/logout").await;
    let back = param(&answer.next(), "post_logout_redirect_uri").unwrap();
    assert_eq!(back, format!("{}/bye", stage.url));
}

#[tokio::test]
async fn someone_whose_session_is_over_is_signed_out_all_the_same() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("bob").await;
    stage.clock.set(stage.clock.now() + 3600);
    let answer = browser.post("/api/auth/logout").await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
    assert_eq!(answer.removed(), ["authsafe"]);
}

// Sessions in pieces

/// A provider whose access tokens are as long as this.
async fn with_long_tokens(length: usize) -> Stage {
    let stage = Stage::new().await;
    stage.provider.tamper_access_token(move |claims| {
        claims.insert("padding".into(), json!("x".repeat(length)));
    });
    stage
}

fn names(browser: &Browser) -> Vec<String> {
    browser
        .session_cookies()
        .into_iter()
        .map(|it| it.name)
        .collect()
}

#[tokio::test]
async fn a_long_session_goes_into_pieces_that_browsers_take() {
    let stage = with_long_tokens(5000).await;
    let mut browser = stage.browser();
    let callback = browser.callback("alice").await;
    for cookie in callback.headers.get_all(header::SET_COOKIE) {
        assert!(cookie.len() <= 4096, "{} bytes", cookie.len());
    }
    assert_eq!(names(&browser), ["authsafe.0", "authsafe.1", "authsafe.2"]);
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
}

#[tokio::test]
async fn a_session_that_shrinks_leaves_nothing_stale() {
    let stage = with_long_tokens(5000).await;
    let mut browser = stage.browser_of("alice").await;
    stage.provider.stop_tampering();
    let answer = browser.post("/api/auth/refresh").await;
    assert_eq!(answer.removed(), ["authsafe.0", "authsafe.1", "authsafe.2"]);
    assert_eq!(names(&browser), ["authsafe"]);
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
}

#[tokio::test]
async fn a_session_that_grows_leaves_nothing_stale() {
    let stage = Stage::new().await;
    let mut browser = stage.browser_of("alice").await;
    stage.provider.tamper_access_token(|claims| {
        claims.insert("padding".into(), json!("x".repeat(1500)));
    });
    let answer = browser.post("/api/auth/refresh").await;
    assert_eq!(answer.removed(), ["authsafe"]);
    assert_eq!(names(&browser), ["authsafe.0", "authsafe.1"]);
    assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
}

#[tokio::test]
async fn a_logout_clears_every_piece() {
    let stage = with_long_tokens(5000).await;
    let mut browser = stage.browser_of("alice").await;
    let answer = browser.post("/api/auth/logout").await;
    assert_eq!(answer.removed(), ["authsafe.0", "authsafe.1", "authsafe.2"]);
    assert!(browser.session_cookies().is_empty());
}

// The provider's keys and metadata

#[tokio::test]
async fn a_sign_in_works_after_the_provider_changed_its_keys() {
    let stage = Stage::new().await;
    stage.browser_of("alice").await;
    stage.provider.rotate_keys().unwrap();
    stage.provider.retire_old_keys();
    stage.pass(Duration::from_secs(11));
    stage.browser_of("alice").await;
    assert_eq!(stage.provider.calls(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_sign_ins() {
    let stage = Stage::new().await;
    for _ in 0..3 {
        stage.browser_of("bob").await;
    }
    assert_eq!(stage.provider.calls(Endpoint::Jwks), 1);
    assert_eq!(stage.provider.calls(Endpoint::Discovery), 1);
}

#[tokio::test]
async fn sign_ins_in_parallel_share_one_fetch_of_old_metadata() {
    let stage = Stage::new().await;
    stage.pass(Duration::from_secs(3600));
    stage
        .provider
        .delay(Endpoint::Discovery, Duration::from_millis(200));
    let started: Vec<_> = (0..10)
        .map(|_| {
            let mut browser = stage.browser();
            tokio::spawn(async move { browser.start(None).await.status })
        })
        .collect();
    for status in started {
        assert_eq!(status.await.unwrap(), StatusCode::SEE_OTHER);
    }
    eventually("the fetch", || {
        stage.provider.calls(Endpoint::Discovery) > 1
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stage.provider.calls(Endpoint::Discovery), 2);
}

#[tokio::test]
async fn metadata_that_cannot_be_renewed_serves_on() {
    let stage = Stage::new().await;
    stage.pass(Duration::from_secs(3600));
    stage
        .provider
        .answer_next(Endpoint::Discovery, StatusCode::SERVICE_UNAVAILABLE, "");
    assert_eq!(stage.browser().start(None).await.status, 303);
}

#[tokio::test]
async fn somebody_without_a_name_is_greeted_by_id() {
    let provider = LocalProvider::builder()
        .user(User::new("carol"))
        .client("app", Some(CLIENT_SECRET))
        .start()
        .await
        .unwrap();
    let stage = Stage::builder().provider(provider).start().await;
    let mut browser = stage.browser_of("carol").await;
    assert_eq!(browser.open("/").await.body, "Hello authsafe|carol");
}

#[tokio::test]
async fn a_callback_is_a_get_that_other_sites_may_send_the_browser_to() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let chosen = browser.choose("bob", &started).await;
    let callback = browser
        .visit(Method::GET, chosen.next().as_str())
        .header("sec-fetch-site", "cross-site")
        .send()
        .await;
    assert!(callback.makes_a_session());
}

#[tokio::test]
async fn no_answer_of_an_endpoint_is_cached() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let journey = browser.sign_in("alice", None).await;
    let refreshed = browser.post("/api/auth/refresh").await;
    let logged_out = browser.post("/api/auth/logout").await;
    for answer in [journey.started, journey.callback, refreshed, logged_out] {
        assert_eq!(
            answer.header(header::CACHE_CONTROL),
            Some("no-store"),
            "{}",
            answer.url
        );
    }
}

#[tokio::test]
async fn the_endpoints_are_a_tower_service_too() {
    let stage = Stage::new().await;
    let service = Router::new().fallback_service(stage.auth.service());
    let mut browser = Browser::new(&serve(service));
    assert_eq!(browser.start(None).await.status, 303);
    assert_eq!(browser.fetch("/api/auth/logout").await.status, 405);
    assert_eq!(browser.open("/dashboard").await.status, 404);
}
