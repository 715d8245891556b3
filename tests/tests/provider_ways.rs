//! What providers want otherwise: parameters of their own, another way to sign out, documents with gaps.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::LazyLock;
use std::time::Duration;

use authsafe::__private::{
    BearerSpec, ClientAuth, Endpoints, LogoutSpec, Parameter, Paths, ProviderSpec, ResponseMode,
    Setting, SpecParts, Tenants, parts, spec,
};
use authsafe::dev::{ClientAuth as Way, Endpoint, LocalProvider};
use authsafe::{Spec, StartError};
use authsafe_tests::peers::{Setup, Tale, alike_in};
use authsafe_tests::{
    Answer, Browser, Builder, Logs, Stage, auth, demo_provider, eventually, fields, param, serve,
};
use axum::Router;
use axum::routing::get;
use http::{HeaderName, Method, StatusCode, header};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

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
        let said = "API (authorize) cannot be \"a\\u{7}b\": it is the value of `audience`, and it contains the control character";
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

    static COGNITO_WITH_LANDING: Spec = spec(SpecParts {
        paths: Paths {
            signed_out: Some("signed-out"),
            ..Paths::DEFAULT
        },
        ..*parts(&COGNITO)
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
    async fn goes_on_from_the_landing_of_a_provider_that_hands_back_no_state() {
        let stage = stage(&COGNITO_WITH_LANDING).await;
        let landing = "/api/auth/signed-out";
        let long = format!("/me?x={}", "a".repeat(300));
        for path in ["/me", &long] {
            let mut browser = stage.browser_of("alice").await;
            let logout = format!("/api/auth/logout?returnTo={path}");
            let url = browser.post(&logout).await.next();
            assert_eq!(param(&url, "state"), None);
            let back = param(&url, "logout_uri").unwrap();
            assert_eq!(back, format!("{}{landing}", stage.url));
            let mut planted = browser.clone();
            for cookie in planted.transactions() {
                let mut changed = cookie.value.clone().into_bytes();
                changed[40] ^= 1;
                let changed = String::from_utf8(changed).unwrap();
                planted.inject(&cookie.name, &cookie.path, &changed);
            }
            assert_eq!(planted.open(landing).await.location(), "/");
            // A sign-in that begins meanwhile takes it for one that is over.
            let mut other = browser.clone();
            other.start(None).await;
            assert_eq!(other.open(landing).await.location(), "/");
            assert_eq!(browser.open(landing).await.location(), path);
            assert!(browser.transactions().is_empty());
            assert_eq!(browser.open(landing).await.location(), "/");
        }
        assert_eq!(stage.browser().open(landing).await.location(), "/");
    }

    /// Else a browser would forget at once where to go on to.
    #[tokio::test]
    async fn that_forgets_cookies_forgets_that_of_the_landing_at_the_landing() {
        static FORGETFUL: Spec = spec(SpecParts {
            clear_site_data: &["cache", "cookies"],
            ..*parts(&COGNITO_WITH_LANDING)
        });
        let forgets = |answer: &Answer| {
            let name = HeaderName::from_static("clear-site-data");
            answer.header(name).unwrap_or_default().to_owned()
        };
        let stage = stage(&FORGETFUL).await;
        let mut browser = stage.browser_of("alice").await;
        let out = browser.post("/api/auth/logout?returnTo=/me").await;
        assert_eq!(forgets(&out), "\"cache\"");
        let landed = browser.open("/api/auth/signed-out").await;
        assert_eq!(landed.location(), "/me");
        assert_eq!(forgets(&landed), "\"cookies\"");
        assert_eq!(forgets(&browser.open("/api/auth/signed-out").await), "");
        // No landing is remembered for nobody.
        let out = browser.post("/api/auth/logout").await;
        assert_eq!(forgets(&out), "\"cache\", \"cookies\"");
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

mod a_discovery_document {
    use super::*;

    async fn with(change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> Builder {
        LazyLock::force(&LOGS);
        let provider = demo_provider().start().await.unwrap();
        provider.tamper_discovery(change);
        Stage::builder().provider(provider)
    }

    async fn refusal(change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> String {
        let started = with(change).await.try_start().await;
        started.err().expect("a StartError").to_string()
    }

    #[tokio::test]
    async fn with_gaps_is_taken_and_they_are_in_the_log_once() {
        let builder = with(|document| {
            document.insert("revocation_endpoint".into(), json!(null));
            document.insert("end_session_endpoint".into(), json!(""));
            document.insert("userinfo_endpoint".into(), json!("no URL"));
            document.insert("introspection_endpoint".into(), json!(["x"]));
        })
        .await;
        let stage = builder.start().await;
        assert!(stage.browser().callback("alice").await.makes_a_session());
        let members =
            "userinfo endpoint, revocation endpoint, introspection endpoint, end-session endpoint";
        let lines = || LOGS.text().matches(members).count();
        assert_eq!(lines(), 1);
        stage.pass(Duration::from_secs(3601));
        stage.browser().start(None).await;
        eventually("the second discovery", || {
            stage.provider.calls(Endpoint::Discovery) == 2
        })
        .await;
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(lines(), 1);
    }

    #[tokio::test]
    async fn that_is_a_page_or_broken_at_the_start_is_asked_for_again() {
        for body in ["<html>Please wait</html>", "{\"issuer\": \"http", "", "[]"] {
            let provider = demo_provider().start().await.unwrap();
            provider.answer_next(Endpoint::Discovery, StatusCode::OK, body);
            let stage = Stage::builder().provider(provider).start().await;
            assert!(
                stage.browser().callback("alice").await.makes_a_session(),
                "{body}"
            );
        }
    }

    #[tokio::test]
    async fn that_is_refused_or_elsewhere_stops_the_start() {
        for status in [301, 302, 401, 403, 410] {
            let provider = demo_provider().start().await.unwrap();
            let code = StatusCode::from_u16(status).unwrap();
            provider.answer_next(Endpoint::Discovery, code, "");
            let asked = format!("{}/.well-known/openid-configuration", provider.issuer());
            let started = Stage::builder().provider(provider).try_start().await;
            let text = started.err().expect("a StartError").to_string();
            let said = format!("`{asked}` is answered with status {status}");
            assert!(text.contains(&said), "{text}");
        }
    }

    #[tokio::test]
    async fn that_is_not_there_is_told_with_the_likely_fix() {
        let provider = demo_provider().start().await.unwrap();
        let pasted = format!("{}/.well-known/openid-config", provider.issuer());
        let fix = format!("write `{}`", provider.issuer());
        let stage = Stage::builder().provider(provider);
        let started = stage.var("AUTHSAFE_DOMAIN", &pasted).try_start().await;
        let text = started.err().expect("a StartError").to_string();
        assert!(
            text.contains(&fix) && text.contains("without `/.well-known/...`"),
            "{text}"
        );
        assert!(
            text.contains(&format!("{pasted}/.well-known/openid-configuration")),
            "{text}"
        );
    }

    #[tokio::test]
    async fn whose_address_is_pasted_is_not_asked_for_below_itself() {
        let provider = demo_provider().start().await.unwrap();
        let issuer = provider.issuer().to_owned();
        let pasted = format!("{issuer}/.well-known/openid-configuration");
        let stage = Stage::builder().provider(provider);
        let started = stage.var("AUTHSAFE_DOMAIN", &pasted).try_start().await;
        let text = started.err().expect("a StartError").to_string();
        let fix = format!("write \"{issuer}\"");
        assert!(text.contains(&fix) && text.contains(&pasted), "{text}");
    }

    #[tokio::test]
    async fn of_another_issuer_is_told_with_the_line_to_write() {
        let text = refusal(|document| {
            document.insert("issuer".into(), json!("https://other.example/"));
        })
        .await;
        let line = "`endpoints(issuer = \"https://other.example/\")`";
        assert!(text.contains(line), "{text}");
    }

    #[tokio::test]
    async fn whose_issuer_ends_with_a_slash_is_compared_with_it_to_the_byte() {
        LazyLock::force(&LOGS);
        let provider = demo_provider().start().await.unwrap();
        let with_slash = format!("{}/", provider.issuer());
        let named = with_slash.clone();
        provider.tamper_discovery(move |document| {
            document.insert("issuer".into(), json!(named));
        });
        provider.set_response_iss(false);
        let stage = Stage::builder().provider(provider).start().await;
        // Its tokens are still named without.
        let refused = stage.browser().callback("alice").await;
        refused.refuses(502, "invalid_id_token", "Invalid ID token");
        let named = with_slash.clone();
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("iss".into(), json!(named));
        });
        assert!(stage.browser().callback("alice").await.makes_a_session());
        // And so with the `iss` of the response.
        stage.provider.set_response_iss(true);
        let refused = stage.browser().callback("alice").await;
        assert_eq!(refused.code(), "wrong_issuer");
    }
}

mod tenants {
    use super::*;

    const ONE: &str = "11111111-2222-3333-4444-555555555555";
    const OTHER: &str = "99999999-2222-3333-4444-555555555555";

    static ANY: Spec = spec(SpecParts {
        tenants: Tenants::Any,
        ..*parts(auth::SPEC)
    });
    static KNOWN: Spec = spec(SpecParts {
        tenants: Tenants::Of(&[ONE]),
        ..*parts(auth::SPEC)
    });
    static UNSAID: Spec = spec(SpecParts {
        endpoints: Endpoints::DEFAULT,
        ..*parts(auth::SPEC)
    });

    /// A provider like Entra: its document is that of many tenants, at a word in the place of one.
    async fn entra() -> (LocalProvider, String) {
        let provider = demo_provider().start().await.unwrap();
        provider.set_response_iss(false);
        let at = provider.issuer().to_owned();
        let template = format!("{at}/{{tenantid}}/v2.0");
        provider.tamper_discovery(move |document| {
            document.insert("issuer".into(), json!(template));
        });
        let document = format!("{at}/.well-known/openid-configuration");
        let fetch = async move || reqwest::get(&document).await.unwrap().text().await.unwrap();
        let path = "/organizations/v2.0/.well-known/openid-configuration";
        let router = Router::new().route(path, get(fetch));
        (provider, format!("{}/organizations/v2.0", serve(router)))
    }

    async fn start(spec: &'static Spec) -> Result<Stage, StartError> {
        let (provider, domain) = entra().await;
        // The document is served on another port than the issuer that it names.
        let issuer = format!("{}/organizations/v2.0", provider.issuer());
        let spec = super::spec(SpecParts {
            endpoints: Endpoints {
                issuer: Some(Setting::Literal(Box::leak(issuer.into_boxed_str()))),
                ..Endpoints::DEFAULT
            },
            ..*parts(spec)
        });
        let builder = Stage::builder().spec(Box::leak(Box::new(spec)));
        let builder = builder.provider(provider).var("AUTHSAFE_DOMAIN", &domain);
        builder.try_start().await
    }

    async fn sign_in(stage: &Stage, tenant: &str, tid: Option<&str>) -> bool {
        let iss = format!("{}/{tenant}/v2.0", stage.provider.issuer());
        let tid = tid.map(str::to_owned);
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("iss".into(), json!(iss));
            claims.insert("tid".into(), json!(tid));
        });
        stage.browser().callback("alice").await.makes_a_session()
    }

    #[tokio::test]
    async fn that_are_known_sign_in_and_no_others_do() {
        let stage = start(&KNOWN).await.unwrap();
        assert!(sign_in(&stage, ONE, Some(ONE)).await);
        assert!(!sign_in(&stage, OTHER, Some(OTHER)).await);
        assert!(!sign_in(&stage, OTHER, Some(ONE)).await);
        assert!(!sign_in(&stage, ONE, Some(OTHER)).await);
        assert!(!sign_in(&stage, ONE, None).await);
        assert!(!sign_in(&stage, "{tenantid}", Some("{tenantid}")).await);
        assert!(!sign_in(&stage, "organizations", Some("organizations")).await);
    }

    #[tokio::test]
    async fn may_be_any_where_the_attribute_says_so() {
        let stage = start(&ANY).await.unwrap();
        assert!(sign_in(&stage, ONE, Some(ONE)).await);
        assert!(sign_in(&stage, OTHER, Some(OTHER)).await);
        assert!(!sign_in(&stage, ONE, Some(OTHER)).await);
        assert!(!sign_in(&stage, "organizations", Some("organizations")).await);
    }

    #[tokio::test]
    async fn that_nobody_names_stop_the_start() {
        let text = start(&UNSAID).await.err().unwrap().to_string();
        assert!(
            text.contains("`tenants(\"") && text.contains("`tenants = any`"),
            "{text}"
        );
        let started = Stage::builder().spec(&ANY).try_start().await;
        let text = started.err().unwrap().to_string();
        assert!(
            text.contains("one for all, so `tenants` would keep nobody out"),
            "{text}"
        );
    }
}

mod clocks_and_time_outs {
    use super::*;

    static STRICT: Spec = spec(SpecParts {
        provider: ProviderSpec {
            timeout: Some(Duration::from_secs(1)),
            leeway: Duration::from_secs(5),
        },
        ..*parts(auth::SPEC)
    });
    static WIDE: Spec = spec(SpecParts {
        provider: ProviderSpec {
            leeway: Duration::from_secs(300),
            ..ProviderSpec::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    #[tokio::test]
    async fn a_code_has_ten_seconds_and_all_else_five() {
        let stage = stage(auth::SPEC).await;
        stage
            .provider
            .delay(Endpoint::Token, Duration::from_secs(6));
        let mut browser = stage.browser();
        assert!(browser.callback("alice").await.makes_a_session());
        let refresh = browser.post("/api/auth/refresh").await;
        assert_eq!(
            (refresh.status.as_u16(), refresh.code()),
            (504, json!("provider_timeout"))
        );
    }

    #[tokio::test]
    async fn a_time_out_that_is_written_is_that_of_each_call() {
        let stage = stage(&STRICT).await;
        stage
            .provider
            .delay(Endpoint::Token, Duration::from_secs(2));
        let refused = stage.browser().callback("alice").await;
        assert_eq!(
            (refused.status.as_u16(), refused.code()),
            (504, json!("provider_timeout"))
        );
    }

    /// Returns whether a sign-in passes at which the provider's clock is ahead by so many seconds.
    async fn signs_in(stage: &Stage, ahead: i64) -> bool {
        let now = i64::try_from(stage.clock.now()).unwrap();
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("iat".into(), json!(now + ahead));
        });
        stage.browser().callback("alice").await.makes_a_session()
    }

    #[tokio::test]
    async fn the_leeway_is_what_is_written() {
        let strict = stage(&STRICT).await;
        assert!(signs_in(&strict, 5).await && !signs_in(&strict, 6).await);
        let usual = stage(auth::SPEC).await;
        assert!(signs_in(&usual, 60).await && !signs_in(&usual, 61).await);
        let wide = stage(&WIDE).await;
        assert!(signs_in(&wide, 300).await && !signs_in(&wide, 301).await);
    }

    /// Returns whether a step-up of a minute passes with an `auth_time` so long before it began.
    async fn steps_up(stage: &Stage, ago: u64) -> bool {
        let auth_time = stage.clock.now() - ago;
        stage.provider.tamper_id_token(move |claims| {
            claims.insert("auth_time".into(), json!(auth_time));
        });
        let mut browser = stage.browser();
        let started = browser.open("/api/auth/signin?max_age=60").await;
        let back = browser.choose("alice", &started).await.next();
        browser.open(back.as_str()).await.makes_a_session()
    }

    #[tokio::test]
    async fn a_step_up_takes_the_leeway_backwards() {
        let strict = stage(&STRICT).await;
        assert!(steps_up(&strict, 65).await && !steps_up(&strict, 66).await);
        let usual = stage(auth::SPEC).await;
        assert!(steps_up(&usual, 120).await && !steps_up(&usual, 121).await);
    }
}

mod plain_http {
    use super::*;

    static HTTP: Spec = spec(SpecParts {
        endpoints: Endpoints {
            token: Some(Setting::Env {
                name: "TOKEN_URL",
                default: Some("https://id.example/token"),
            }),
            ..Endpoints::DEFAULT
        },
        ..*parts(auth::SPEC)
    });

    /// The problems of an app at this origin whose provider is nowhere.
    async fn problems(app_url: &str, vars: &[(&str, &str)]) -> Vec<String> {
        LazyLock::force(&LOGS);
        let mut stage = Stage::builder().spec(&HTTP).var("APP_URL", app_url);
        for (name, value) in vars {
            stage = stage.var(name, value);
        }
        match stage.try_start().await {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().iter().map(ToString::to_string).collect(),
        }
    }

    const NOWHERE: &str = "http://keycloak.invalid:8080/realms/x";

    #[tokio::test]
    async fn is_taken_where_the_app_is_on_it_in_a_private_place() {
        for app in [
            "http://localhost:3000",
            "http://127.0.0.1:3000",
            "http://app.localhost:3000",
            "http://192.168.1.7:3000",
        ] {
            let vars = [
                ("AUTHSAFE_DOMAIN", NOWHERE),
                ("TOKEN_URL", "http://10.0.0.9/token"),
            ];
            assert_eq!(problems(app, &vars).await, [""; 0], "{app}");
            let log = LOGS.text();
            assert!(log.contains("PLAIN HTTP") && log.contains(NOWHERE));
            assert!(log.contains("http://10.0.0.9/token"));
        }
        assert!(LOGS.text().contains("http://192.168.1.7:3000"));
    }

    #[tokio::test]
    async fn is_refused_where_the_app_is_on_https_or_public() {
        for app in [
            "https://app.example",
            "https://localhost:3000",
            "https://10.0.0.1",
        ] {
            let of_domain = problems(app, &[("AUTHSAFE_DOMAIN", NOWHERE)]).await;
            assert_eq!(of_domain.len(), 1, "{app}");
            assert!(
                of_domain[0].contains(
                    "(domain) cannot be \"http://keycloak.invalid:8080/realms/x\": it is http"
                ),
                "{of_domain:?}"
            );
            let of_one = problems(app, &[("TOKEN_URL", "http://keycloak:8080/token")]).await;
            assert_eq!(of_one.len(), 1, "{app}");
            assert!(
                of_one[0].contains(
                    "(endpoints(token)) cannot be \"http://keycloak:8080/token\": it is http"
                ),
                "{of_one:?}"
            );
        }
        for app in [
            "http://app.example",
            "http://8.8.8.8",
            "http://localhost.evil.example",
        ] {
            let both = problems(app, &[("AUTHSAFE_DOMAIN", NOWHERE)]).await;
            assert_eq!(both.len(), 2, "{app}: {both:?}");
        }
    }

    #[tokio::test]
    async fn works_at_a_name_below_localhost() {
        let callback = "http://app.localhost:3000/api/auth/callback";
        let provider = demo_provider().redirect_uri(callback);
        let stage = Stage::builder().provider(provider.start().await.unwrap());
        let stage = stage.var("APP_URL", "http://app.localhost:3000");
        let stage = stage.start().await;
        assert_eq!(stage.auth.redirect_uri(), Some(callback));
        let mut browser = stage.browser();
        let started = browser.start(None).await;
        let back = browser.choose("alice", &started).await.next();
        assert_eq!(back.host_str(), Some("app.localhost"));
        let here = format!("{}?{}", back.path(), back.query().unwrap());
        assert!(browser.open(&here).await.sets("authsafe-3000").is_some());
        let out = browser.own_post("/api/auth/logout");
        let out = out.header("origin", "http://app.localhost:3000");
        let out = out.without("sec-fetch-site").send().await;
        assert_eq!(out.status, 303);
    }
}

mod an_answer_in_a_form {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";
    const CALLBACK: &str = "/api/auth/callback";

    static BY_FORM: Spec = spec(SpecParts {
        response_mode: ResponseMode::FormPost,
        ..*parts(auth::SPEC)
    });

    /// A post by the provider's page: another site's, with which no cookie goes that is Lax.
    async fn posted_by_the_provider(home: &Browser, form: &str) -> Answer {
        let mut without_cookies = home.clone();
        for cookie in without_cookies.cookies() {
            without_cookies.forget(&cookie);
        }
        let visit = without_cookies.visit(Method::POST, CALLBACK);
        let visit = visit.header("origin", "https://id.example");
        let visit = visit.header("sec-fetch-site", "cross-site");
        visit.body(FORM, form).send().await
    }

    /// What the provider's page has the browser post.
    async fn answered(browser: &mut Browser, user: &str) -> String {
        let started = browser.start(Some("/me")).await;
        assert_eq!(
            param(&started.next(), "response_mode").as_deref(),
            Some("form_post")
        );
        let page = browser.choose(user, &started).await;
        assert_eq!(page.status, 200);
        fields(&page.body)
    }

    async fn posted_again(browser: &mut Browser, page: &Answer) -> Answer {
        let visit = browser.own_post(CALLBACK);
        visit.body(FORM, &fields(&page.body)).send().await
    }

    #[tokio::test]
    async fn signs_in_by_a_page_that_posts_it_again_on_all_frameworks() {
        let setup = Setup {
            spec: &BY_FORM,
            ..Setup::default()
        };
        alike_in(setup, async |peer, tale: &mut Tale| {
            let mut browser = peer.browser();
            let form = answered(&mut browser, "alice").await;
            let page = posted_by_the_provider(&browser, &form).await;
            assert_eq!(page.status, 200, "{page:#?}");
            assert_eq!(page.header(header::CACHE_CONTROL), Some("no-store"));
            let policy = page.header(header::CONTENT_SECURITY_POLICY).unwrap();
            assert!(
                policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-")
            );
            // The answer may lead on to the provider, where browsers hold redirects to it.
            assert!(!policy.contains("form-action"));
            assert!(page.set_cookies().is_empty());
            let done = posted_again(&mut browser, &page).await;
            tale.tell("done", &done);
            assert_eq!(done.location(), "/me");
            assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
            // Once and no more: whoever sends it again lands where people land.
            let again = posted_again(&mut browser, &page).await;
            tale.tell("again", &again);
            assert!(!again.makes_a_session());
            assert_eq!(again.location(), "/admin/dashboard");
            let script = browser.own_post(CALLBACK).header("sec-fetch-mode", "cors");
            let refused = script.body(FORM, &fields(&page.body)).send().await;
            refused.refuses(
                400,
                "unknown_state",
                "Sign-in expired or was not started in this browser",
            );
        })
        .await;
    }

    #[tokio::test]
    async fn an_error_in_a_form_makes_no_session() {
        let stage = stage(&BY_FORM).await;
        for (error, status, code) in [
            ("access_denied", 403, "access_denied"),
            ("login_required", 401, "interaction_required"),
            ("invalid_request", 502, "request_refused"),
        ] {
            let mut browser = stage.browser();
            let form = answered(&mut browser, "alice").await;
            let form = form.replace("code=", &format!("error={error}&code="));
            let page = posted_by_the_provider(&browser, &form).await;
            assert_eq!(page.status, 200, "{page:#?}");
            let script = browser.own_post(CALLBACK).header("sec-fetch-mode", "cors");
            let refused = script.body(FORM, &fields(&page.body)).send().await;
            assert_eq!(refused.status, status, "{refused:#?}");
            assert_eq!(refused.code(), code);
            assert!(!refused.makes_a_session());
            assert_eq!(browser.user().await, None);
        }
        assert_eq!(stage.provider.calls(Endpoint::Token), 0);
    }

    #[tokio::test]
    async fn that_comes_late_leads_to_one_that_signs_in() {
        let stage = stage(&BY_FORM).await;
        let mut browser = stage.browser();
        let form = answered(&mut browser, "alice").await;
        let page = posted_by_the_provider(&browser, &form).await;
        stage.pass(Duration::from_secs(11 * 60));
        let led_on = posted_again(&mut browser, &page).await;
        let form = browser.choose("alice", &led_on).await;
        let page = posted_by_the_provider(&browser, &fields(&form.body)).await;
        let done = posted_again(&mut browser, &page).await;
        assert_eq!(done.location(), "/me");
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
    }

    #[tokio::test]
    async fn ends_the_session_that_it_replaces() {
        let stage = stage(&BY_FORM).await;
        let mut browser = stage.browser();
        let form = answered(&mut browser, "alice").await;
        let page = posted_by_the_provider(&browser, &form).await;
        posted_again(&mut browser, &page).await;
        let mut copy = browser.clone();
        let form = answered(&mut browser, "bob").await;
        let page = posted_by_the_provider(&browser, &form).await;
        assert!(posted_again(&mut browser, &page).await.makes_a_session());
        assert_eq!(copy.user().await, None);
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|bob"));
    }

    #[tokio::test]
    async fn is_bound_to_the_browser_that_began() {
        let stage = stage(&BY_FORM).await;
        let mut attacker = stage.browser();
        let form = answered(&mut attacker, "bob").await;
        // The victim's browser is made to post it, as a form of another site and by the page.
        let mut victim = stage.browser();
        let page = posted_by_the_provider(&victim, &form).await;
        // With a sign-in of the victim's own under way as well.
        for _ in 0..2 {
            let script = victim.own_post(CALLBACK).header("sec-fetch-mode", "cors");
            let refused = script.body(FORM, &fields(&page.body)).send().await;
            refused.refuses(
                400,
                "unknown_state",
                "Sign-in expired or was not started in this browser",
            );
            let sent_away = posted_again(&mut victim, &page).await;
            assert!(!sent_away.makes_a_session());
            assert!(param(&sent_away.next(), "state").unwrap().ends_with('.'));
            assert_eq!(victim.user().await, None);
            victim.start(None).await;
        }
        assert_eq!(victim.user().await, None);
    }

    #[tokio::test]
    async fn with_the_code_of_another_sign_in_is_refused() {
        let stage = stage(&BY_FORM).await;
        let mut attacker = stage.browser();
        let evil = answered(&mut attacker, "bob").await;
        let evil = form_urlencoded::parse(evil.as_bytes()).find(|(name, _)| name == "code");
        let mut victim = stage.browser();
        let form = answered(&mut victim, "alice").await;
        let pairs = form_urlencoded::parse(form.as_bytes());
        let pairs = pairs.map(|(name, value)| match &*name {
            "code" => (name, evil.as_ref().unwrap().1.clone()),
            _ => (name, value),
        });
        let swapped = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let visit = victim.own_post(CALLBACK).body(FORM, &swapped);
        let refused = visit.send().await;
        assert!(!refused.makes_a_session(), "{refused:#?}");
    }

    #[tokio::test]
    async fn that_is_no_form_or_no_answer_gets_no_page() {
        let stage = stage(&BY_FORM).await;
        let state = "s".repeat(43);
        let mut browser = stage.browser();
        for (kind, body) in [
            ("text/plain", format!("state={state}&code=x")),
            ("application/json", format!("state={state}&code=x")),
            (FORM, String::new()),
            (FORM, "code=x".to_owned()),
            (FORM, "state=abc&code=x".to_owned()),
            (FORM, format!("state={state}&state={state}&code=x")),
            (FORM, format!("state={state}&code={}", "x".repeat(70_000))),
        ] {
            let visit = browser.visit(Method::POST, CALLBACK).body(kind, &body);
            let refused = visit.send().await;
            refused.refuses(
                400,
                "unknown_state",
                "Sign-in expired or was not started in this browser",
            );
        }
        // Our own page has posted it, and the cookie of its sign-in is gone.
        let again = format!("state={state}&code=x&again=1");
        let visit = browser.visit(Method::POST, CALLBACK).body(FORM, &again);
        let sent_away = visit.send().await;
        assert!(param(&sent_away.next(), "state").unwrap().ends_with('.'));
        let visit = browser.visit(Method::POST, CALLBACK).body(FORM, &again);
        let refused = visit.header("sec-fetch-mode", "cors").send().await;
        refused.refuses(
            400,
            "unknown_state",
            "Sign-in expired or was not started in this browser",
        );
        let visit = browser.visit(Method::PUT, CALLBACK).body(FORM, "");
        let refused = visit.send().await;
        assert_eq!(refused.header(header::ALLOW), Some("GET, HEAD, POST"));
    }

    #[tokio::test]
    async fn may_come_by_query_too_and_where_nobody_asked_for_one_not_at_all() {
        let by_form = stage(&BY_FORM).await;
        let mut browser = by_form.browser();
        let form = answered(&mut browser, "alice").await;
        let by_query = browser.open(&format!("{CALLBACK}?{form}")).await;
        assert!(by_query.makes_a_session());
        let by_query = stage(auth::SPEC).await;
        let mut browser = by_query.browser();
        let visit = browser.own_post(CALLBACK).body(FORM, "state=x&code=y");
        visit
            .send()
            .await
            .refuses(405, "method_not_allowed", "Method not allowed");
    }
}

mod client_auth {
    use super::*;

    static BASIC: Spec = spec(SpecParts {
        client_auth: ClientAuth::Basic,
        ..*parts(auth::SPEC)
    });

    static POST: Spec = spec(SpecParts {
        client_auth: ClientAuth::Post,
        ..*parts(auth::SPEC)
    });

    const AUDIENCE: &str = "https://api.example.com";

    static API: Spec = spec(SpecParts {
        bearer: Some(BearerSpec::new(Setting::Literal(AUDIENCE))),
        ..*parts(auth::SPEC)
    });

    /// A provider that takes one way, and whose document offers these.
    async fn provider(takes: Way, offers: Value, secret: &str) -> LocalProvider {
        LazyLock::force(&LOGS);
        let provider = LocalProvider::builder().demo();
        let provider = provider.client("app", Some(secret)).start().await.unwrap();
        provider.set_client_auth(takes);
        provider.tamper_discovery(move |document| {
            let name = "token_endpoint_auth_methods_supported".to_owned();
            document.insert(name, offers.clone());
        });
        provider
    }

    async fn stage(spec: &'static Spec, takes: Way, offers: Value) -> Stage {
        let secret = "s3cret";
        let provider = provider(takes, offers, secret).await;
        let builder = Stage::builder().spec(spec).provider(provider);
        let builder = builder.var("AUTHSAFE_CLIENT_SECRET", secret);
        builder.start().await
    }

    /// Signs in, refreshes and signs out; returns how often the token and the revocation endpoint were
    /// called.
    async fn calls_of_a_day(stage: &Stage) -> [usize; 2] {
        let calls = || [Endpoint::Token, Endpoint::Revoke].map(|it| stage.provider.calls(it));
        let before = calls();
        let mut browser = stage.browser_of("alice").await;
        assert_eq!(browser.user().await.as_deref(), Some("authsafe|alice"));
        assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
        browser.post("/api/auth/logout").await;
        eventually("a revocation", || calls()[1] > before[1]).await;
        tokio::time::sleep(A_WHILE).await;
        let after = calls();
        [after[0] - before[0], after[1] - before[1]]
    }

    #[tokio::test]
    async fn that_is_refused_is_tried_the_other_way_once_and_for_good() {
        let both = json!(["client_secret_basic", "client_secret_post"]);
        for (takes, offers) in [(Way::Basic, both), (Way::Post, Value::Null)] {
            let stage = stage(auth::SPEC, takes, offers).await;
            assert_eq!(calls_of_a_day(&stage).await, [3, 1], "{takes:?}");
            assert_eq!(calls_of_a_day(&stage).await, [2, 1], "{takes:?}");
        }
    }

    #[tokio::test]
    async fn that_is_offered_is_the_first() {
        for (takes, offers) in [
            (Way::Basic, json!(["client_secret_basic"])),
            (Way::Post, json!(["client_secret_post", "none"])),
            (
                Way::Post,
                json!(["client_secret_basic", "client_secret_post"]),
            ),
            (Way::Basic, Value::Null),
        ] {
            let stage = stage(auth::SPEC, takes, offers).await;
            assert_eq!(calls_of_a_day(&stage).await, [2, 1], "{takes:?}");
        }
    }

    #[tokio::test]
    async fn that_is_written_is_the_only_one() {
        for (spec, right, wrong) in [
            (&BASIC, Way::Basic, Way::Post),
            (&POST, Way::Post, Way::Basic),
        ] {
            let both = json!(["client_secret_basic", "client_secret_post"]);
            let good = stage(spec, right, both.clone()).await;
            assert_eq!(calls_of_a_day(&good).await, [2, 1]);
            let bad = stage(spec, wrong, both).await;
            let answer = bad.browser().callback("alice").await;
            assert!(!answer.makes_a_session());
            assert_eq!(bad.provider.calls(Endpoint::Token), 1);
        }
    }

    #[tokio::test]
    async fn counts_where_a_token_is_asked_about() {
        for (takes, offers) in [
            (Way::Basic, json!(["client_secret_post"])),
            (Way::Post, Value::Null),
        ] {
            let stage = stage(&API, takes, offers).await;
            stage.provider.set_opaque_access_tokens(true);
            for calls in [2, 3] {
                let token = stage.provider.access_token("alice", AUDIENCE, &[]).unwrap();
                let mut browser = stage.browser();
                let visit = browser.visit(Method::GET, "/dashboard");
                let bearer = format!("Bearer {token}");
                let answer = visit.header("authorization", &bearer).send().await;
                assert_eq!(answer.status, 200, "{takes:?}");
                assert_eq!(stage.provider.calls(Endpoint::Introspect), calls);
            }
        }
    }

    #[tokio::test]
    async fn has_secrets_of_any_letters_in_both_ways() {
        for secret in [":", "a:b", "+", "100 %", "%41", "a b", "Grüße €", "a&b=c/~"] {
            for (spec, takes) in [(&BASIC, Way::Basic), (&POST, Way::Post)] {
                let provider = provider(takes, Value::Null, secret).await;
                let builder = Stage::builder().spec(spec).provider(provider);
                let builder = builder.var("AUTHSAFE_CLIENT_SECRET", secret);
                let stage = builder.start().await;
                assert_eq!(calls_of_a_day(&stage).await, [2, 1], "{secret}");
            }
        }
        assert!(!LOGS.text().contains("Grüße"));
    }

    #[tokio::test]
    async fn that_names_the_client_otherwise_is_still_refused_where_the_secret_is_wrong() {
        let provider = provider(Way::Basic, Value::Null, "right").await;
        let builder = Stage::builder().provider(provider);
        let builder = builder.var("AUTHSAFE_CLIENT_SECRET", "wrong");
        let stage = builder.start().await;
        let answer = stage.browser().callback("alice").await;
        assert!(!answer.makes_a_session());
        assert_eq!(stage.provider.calls(Endpoint::Token), 2);
    }
}

mod algorithms {
    use super::*;

    static NARROW: Spec = spec(SpecParts {
        algorithms: &["ES256", "PS256"],
        ..*parts(auth::SPEC)
    });
    static WIDE: Spec = spec(SpecParts {
        algorithms: &["ES256", "RS256"],
        ..*parts(auth::SPEC)
    });
    const LISTED: &str = "id_token_signing_alg_values_supported";

    async fn provider(lists: &'static [&'static str]) -> LocalProvider {
        let provider = demo_provider().start().await.unwrap();
        provider.tamper_discovery(move |document| {
            document.insert(LISTED.to_owned(), json!(lists));
        });
        provider
    }

    #[tokio::test]
    async fn that_the_app_does_not_take_are_refused_by_name() {
        LazyLock::force(&LOGS);
        let provider = provider(&["RS256", "ES256", "none", "HS256"]).await;
        let stage = Stage::builder().provider(provider).spec(&NARROW);
        let stage = stage.start().await;
        let answer = stage.browser().callback("alice").await;
        answer.refuses(502, "invalid_id_token", "Invalid ID token");
        let log = LOGS.text();
        // Of the two that it takes, the provider signs by one.
        let said = "it is signed by `RS256`, and accepted are `ES256`";
        let line = log.lines().find(|line| line.contains(said)).unwrap();
        assert!(line.contains("WARN") && !line.contains("PS256"), "{line}");
    }

    #[tokio::test]
    async fn that_both_take_sign_in() {
        let provider = provider(&["RS256", "ES256"]).await;
        let stage = Stage::builder().provider(provider).spec(&WIDE);
        let stage = stage.start().await;
        let mut alice = stage.browser_of("alice").await;
        assert_eq!(alice.open("/admin/dashboard").await.status, 200);
        assert_eq!(alice.post("/api/auth/refresh").await.status, 200);
    }

    #[tokio::test]
    async fn of_which_the_provider_has_none_stop_the_start() {
        let provider = provider(&["RS256", "HS256"]).await;
        let stage = Stage::builder().provider(provider).spec(&NARROW);
        let error = stage.try_start().await.err().unwrap().to_string();
        let said =
            "by `RS256`, `HS256`: by none of the accepted algorithms, which are `PS256`, `ES256`";
        assert!(error.contains(said), "{error}");
    }
}

mod an_access_token_of_the_api {
    use super::*;

    const SAID: &str = "access token grants nothing by itself";

    #[tokio::test]
    async fn is_told_of_once() {
        LazyLock::force(&LOGS);
        for (reason, claim, value) in [
            (
                "`aud` is not this client",
                "aud",
                json!("https://api.example.com"),
            ),
            // It cannot be verified.
            ("a claim is missing or is no such claim", "sub", json!(5)),
        ] {
            let stage = Stage::new().await;
            stage.provider.tamper_access_token(move |claims| {
                claims.insert(claim.to_owned(), value.clone());
            });
            for user in ["alice", "bob"] {
                let mut browser = stage.browser_of(user).await;
                assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
            }
            let log = LOGS.text();
            let said = |line: &&str| line.contains(SAID) && line.contains(reason);
            assert_eq!(log.lines().filter(said).count(), 1, "{reason}");
        }
    }
}

mod a_claim_of_an_odd_type {
    use super::*;

    #[tokio::test]
    async fn is_left_out_and_named_once() {
        LazyLock::force(&LOGS);
        let stage = Stage::new().await;
        stage.provider.tamper_id_token(|claims| {
            claims.insert(
                "picture".to_owned(),
                json!({"url": "https://example.com/a.png"}),
            );
        });
        for user in ["alice", "bob"] {
            let mut browser = stage.browser_of(user).await;
            assert_eq!(browser.post("/api/auth/refresh").await.status, 200);
        }
        let log = LOGS.text();
        let lines = log
            .lines()
            .filter(|line| line.contains("a claim is left out"));
        assert_eq!(lines.filter(|line| line.contains("picture")).count(), 1);
    }
}
