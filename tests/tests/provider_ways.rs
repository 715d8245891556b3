//! What providers want otherwise: parameters of their own, another way to sign out, documents with gaps.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::LazyLock;
use std::time::Duration;

use authsafe::__private::{LogoutSpec, Parameter, Paths, Setting, SpecParts, parts, spec};
use authsafe::Spec;
use authsafe::dev::Endpoint;
use authsafe_tests::{Logs, Stage, auth, demo_provider, eventually, param};
use serde_json::json;

static LOGS: LazyLock<Logs> = LazyLock::new(Logs::capture);

/// Long enough for what is done in the background to have been done.
const A_WHILE: Duration = Duration::from_millis(300);

async fn stage(spec: &'static Spec) -> Stage {
    LazyLock::force(&LOGS);
    Stage::builder().spec(spec).start().await
}

mod parameters {
    use super::*;

    const API: Setting = Setting::Env {
        name: "API",
        default: None,
    };

    static OF_ITS_OWN: Spec = spec(SpecParts {
        authorize: &[
            Parameter {
                name: "audience",
                value: API,
            },
            Parameter {
                name: "access_type",
                value: Setting::Literal("offline"),
            },
            Parameter {
                name: "prompt",
                value: Setting::Literal("consent"),
            },
        ],
        forward: &["organization", "acr_values"],
        ..*parts(auth::SPEC)
    });

    async fn stage() -> Stage {
        let builder = Stage::builder().spec(&OF_ITS_OWN);
        builder.var("API", "https://api.example.com").start().await
    }

    #[tokio::test]
    async fn go_with_each_request_and_with_a_visitors_wishes() {
        let stage = stage().await;
        let mut browser = stage.browser();
        let signin = "/api/auth/signin?organization=org_1&access_type=online&audience=evil&connection=x&acr_values=mfa&ui_locales=de+en";
        let url = browser.open(signin).await.next();
        let sent = |name| param(&url, name);
        assert_eq!(sent("audience").as_deref(), Some("https://api.example.com"));
        assert_eq!(sent("access_type").as_deref(), Some("offline"));
        assert_eq!(sent("prompt").as_deref(), Some("consent"));
        assert_eq!(sent("organization").as_deref(), Some("org_1"));
        assert_eq!(sent("acr_values").as_deref(), Some("mfa"));
        assert_eq!(sent("ui_locales").as_deref(), Some("de en"));
        assert_eq!(sent("connection"), None);
        assert!(browser.callback("alice").await.makes_a_session());
    }

    #[tokio::test]
    async fn that_have_no_value_or_a_bad_one_stop_the_start() {
        let builder = Stage::builder().spec(&OF_ITS_OWN);
        let error = builder.try_start().await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "sign-in cannot start: 1 problem\n  - API (authorize) has no value for `audience`; write the one that the provider expects"
        );
        assert!(error.is_unconfigured());
        let builder = Stage::builder().spec(&OF_ITS_OWN).var("API", "a\u{7}b");
        let error = builder.try_start().await.err().unwrap();
        let said = "API (authorize) is no value for `audience`: it contains the control character";
        assert!(error.to_string().contains(said), "{error}");
    }
}

mod logout {
    use super::*;

    static LOCAL: Spec = spec(SpecParts {
        logout: LogoutSpec::Local,
        ..*parts(auth::SPEC)
    });

    static COGNITO: Spec = spec(SpecParts {
        logout: LogoutSpec::Provider {
            return_parameter: "logout_uri",
        },
        ..*parts(auth::SPEC)
    });

    static WITH_LANDING: Spec = spec(SpecParts {
        paths: Paths {
            signed_out: Some("signed-out"),
            ..Paths::DEFAULT
        },
        after_logout: "/?bye=1",
        ..*parts(auth::SPEC)
    });

    static WITHOUT_REVOCATION: Spec = spec(SpecParts {
        revoke_at_logout: false,
        ..*parts(auth::SPEC)
    });

    #[tokio::test]
    async fn that_is_local_goes_to_no_provider() {
        let stage = stage(&LOCAL).await;
        let mut browser = stage.browser_of("alice").await;
        let answer = browser.post("/api/auth/logout?returnTo=/me").await;
        assert_eq!(answer.location(), "/me");
        assert_eq!(browser.user().await, None);
        let mut browser = stage.browser_of("alice").await;
        assert_eq!(browser.post("/api/auth/logout").await.location(), "/");
        assert_eq!(stage.provider.calls(Endpoint::Logout), 0);
    }

    #[tokio::test]
    async fn tells_a_provider_with_a_parameter_of_its_own_where_to_come_back_to() {
        let stage = stage(&COGNITO).await;
        let mut browser = stage.browser_of("alice").await;
        let answer = browser.post("/api/auth/logout?state=x").await;
        let url = answer.next();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let expected = [
            ("client_id", "app"),
            ("logout_uri", &*format!("{}/", stage.url)),
        ];
        assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[tokio::test]
    async fn goes_on_to_the_return_path_by_way_of_the_landing() {
        let stage = stage(&WITH_LANDING).await;
        let landing = format!("{}/api/auth/signed-out", stage.url);
        for (query, expected) in [
            ("?returnTo=/me?a=b%23c", "/me?a=b#c"),
            ("?returnTo=/me&state=x%26y", "/me?state=x%26y"),
            ("?state=x", "/?bye=1&state=x"),
            ("", "/?bye=1"),
            ("?returnTo=//evil.example", "/?bye=1"),
        ] {
            let mut browser = stage.browser_of("alice").await;
            let out = browser.post(&format!("/api/auth/logout{query}")).await;
            let back = param(&out.next(), "post_logout_redirect_uri").unwrap();
            assert_eq!(back, landing);
            let at_provider = browser.open(out.next().as_str()).await;
            assert!(at_provider.location().starts_with(&landing));
            let landed = browser.open(at_provider.location()).await;
            assert_eq!(landed.location(), expected, "{query}");
        }
    }

    #[tokio::test]
    async fn lands_on_no_other_site_whatever_the_state_says() {
        let stage = stage(&WITH_LANDING).await;
        let mut browser = stage.browser();
        for state in [
            "returnTo%3D%2F%2Fevil.example",
            "returnTo%3Dhttps%3A%2F%2Fevil.example",
            "returnTo%3D%2F%255Cevil.example",
            "%00",
        ] {
            let landed = browser
                .open(&format!("/api/auth/signed-out?state={state}"))
                .await;
            assert_eq!(landed.location(), "/?bye=1", "{state}");
        }
        let posted = browser.post("/api/auth/signed-out").await;
        posted.refuses(405, "method_not_allowed", "Method not allowed");
    }

    #[tokio::test]
    async fn without_a_landing_says_in_the_log_that_the_return_path_is_left_out() {
        let stage = stage(auth::SPEC).await;
        let mut browser = stage.browser_of("alice").await;
        let answer = browser.post("/api/auth/logout?returnTo=/me").await;
        let back = param(&answer.next(), "post_logout_redirect_uri").unwrap();
        assert_eq!(back, format!("{}/", stage.url));
        assert!(LOGS.text().contains("paths(signed_out = \"signed-out\")"));
    }

    #[tokio::test]
    async fn leaves_a_hint_out_that_is_too_long_for_proxies() {
        LazyLock::force(&LOGS);
        let provider = demo_provider().start().await.unwrap();
        provider.tamper_id_token(|claims| {
            claims.insert("groups".into(), json!("g".repeat(4000)));
        });
        let stage = Stage::builder().provider(provider).start().await;
        let mut browser = stage.browser_of("alice").await;
        let url = browser.post("/api/auth/logout").await.next();
        assert_eq!(param(&url, "id_token_hint"), None);
        assert_eq!(param(&url, "client_id").as_deref(), Some("app"));
        assert!(url.as_str().len() < 1000);
        assert!(
            LOGS.text()
                .contains("`id_token_hint` of a logout is left out")
        );
    }

    #[tokio::test]
    async fn revokes_nothing_where_the_attribute_says_so() {
        let stage = stage(&WITHOUT_REVOCATION).await;
        let mut browser = stage.browser_of("alice").await;
        let mut thief = browser.clone();
        browser.post("/api/auth/logout").await;
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(stage.provider.calls(Endpoint::Revoke), 0);
        // The session has ended all the same.
        assert_eq!(thief.user().await, None);
    }
}

mod a_new_sign_in {
    use super::*;

    #[tokio::test]
    async fn of_the_same_user_ends_the_session_and_leaves_its_tokens() {
        let stage = stage(auth::SPEC).await;
        let mut browser = stage.browser_of("alice").await;
        let mut copy = browser.clone();
        assert!(browser.callback("alice").await.makes_a_session());
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(stage.provider.calls(Endpoint::Revoke), 0);
        assert_eq!(copy.user().await, None);
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
    }

    #[tokio::test]
    async fn of_another_user_revokes_the_first_ones_tokens() {
        let stage = stage(auth::SPEC).await;
        let mut browser = stage.browser_of("alice").await;
        assert!(browser.callback("bob").await.makes_a_session());
        let revoked = || stage.provider.calls(Endpoint::Revoke) == 1;
        eventually("the revocation of Alice's token", revoked).await;
    }

    /// As at Keycloak, where the end of one refresh token is the end of the codes of its session too.
    #[tokio::test]
    async fn in_each_of_three_tabs_comes_to_its_end() {
        let stage = stage(auth::SPEC).await;
        let mut browser = stage.browser();
        let mut callbacks = Vec::new();
        for _ in 0..3 {
            let started = browser.start(None).await;
            callbacks.push(browser.choose("alice", &started).await.next());
        }
        for callback in callbacks {
            assert!(browser.open(callback.as_str()).await.makes_a_session());
        }
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(stage.provider.calls(Endpoint::Revoke), 0);
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
    }

    #[tokio::test]
    async fn that_steps_up_and_fails_leaves_the_tokens_of_the_session_that_stays() {
        let stage = stage(auth::SPEC).await;
        let mut browser = stage.browser_of("alice").await;
        stage
            .provider
            .tamper_id_token(|claims| drop(claims.remove("auth_time")));
        let started = browser.open("/api/auth/signin?max_age=60").await;
        let back = browser.choose("alice", &started).await.next();
        let refused = browser.open(back.as_str()).await;
        refused.refuses(502, "invalid_id_token", "Invalid ID token");
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(stage.provider.calls(Endpoint::Revoke), 0);
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
        // Of somebody else, what was dropped is revoked as before.
        let started = browser.open("/api/auth/signin?max_age=60").await;
        let back = browser.choose("bob", &started).await.next();
        browser.open(back.as_str()).await;
        let revoked = || stage.provider.calls(Endpoint::Revoke) == 1;
        eventually("the revocation of Bob's token", revoked).await;
    }
}
