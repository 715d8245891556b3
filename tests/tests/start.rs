//! What is wrong stops the start; what is only away does not.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::__private::{BearerSpec, Endpoints, Setting, SpecParts, parts, spec};
use authsafe::dev::Endpoint;
use authsafe::{Problem, Spec, StartError};
use authsafe_tests::{Answer, Stage, auth, demo_provider, eventually, reserve_port};
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

#[track_caller]
fn is_unavailable(answer: &Answer) {
    answer.refuses(503, "provider_unavailable", "Identity provider unavailable");
}

/// Why the app does not start where the discovery document is changed.
async fn refusal(change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) -> StartError {
    let provider = demo_provider().start().await.unwrap();
    provider.tamper_discovery(change);
    let started = Stage::builder().provider(provider).try_start().await;
    started.err().expect("a StartError")
}

/// What a `main` prints that returns it.
#[tokio::test]
async fn the_problems_print_as_a_list_by_debug_too() {
    let error = auth::from_vars(&|_: &str| None).await.unwrap_err();
    let list = error.to_string();
    assert!(list.starts_with("sign-in cannot start: "), "{list}");
    assert_eq!(format!("{error:?}"), list);
}

#[tokio::test]
async fn an_app_starts_while_the_provider_is_away_and_signs_in_once_it_is_back() {
    let (address, reserved) = reserve_port();
    let domain = format!("http://{address}");
    let stage = Stage::builder()
        .var("AUTHSAFE_DOMAIN", &domain)
        .start()
        .await;
    let mut browser = stage.browser();
    is_unavailable(&browser.start(None).await);
    // Guards and pages work meanwhile.
    assert_eq!(browser.open("/").await.body, "Hello stranger");
    assert_eq!(browser.user().await, None);

    drop(reserved);
    let back = demo_provider()
        .bind(address.to_string())
        .start()
        .await
        .unwrap();
    assert!(browser.callback("alice").await.makes_a_session());
    assert_eq!(back.calls(Endpoint::Discovery), 1);
}

#[tokio::test]
async fn a_provider_that_has_come_up_wrong_is_not_used() {
    let (address, reserved) = reserve_port();
    let domain = format!("http://{address}");
    let stage = Stage::builder()
        .var("AUTHSAFE_DOMAIN", &domain)
        .start()
        .await;
    drop(reserved);
    let other = demo_provider()
        .bind(address.to_string())
        .start()
        .await
        .unwrap();
    other.tamper_discovery(|document| {
        drop(document.insert("issuer".into(), json!("https://evil.example")))
    });
    let answer = stage.browser().start(None).await;
    answer.refuses(
        502,
        "provider_answer",
        "Unexpected answer from the identity provider",
    );
}

#[tokio::test]
async fn sign_ins_in_parallel_share_the_first_discovery() {
    let provider = demo_provider().start().await.unwrap();
    provider.answer_next(Endpoint::Discovery, StatusCode::SERVICE_UNAVAILABLE, "");
    let stage = Stage::builder().provider(provider).start().await;
    stage
        .provider
        .delay(Endpoint::Discovery, Duration::from_millis(200));
    let sign_ins: Vec<_> = (0..10)
        .map(|_| {
            let mut browser = stage.browser();
            tokio::spawn(async move { browser.start(None).await.status })
        })
        .collect();
    for status in sign_ins {
        assert_eq!(status.await.unwrap(), 303);
    }
    assert_eq!(stage.provider.calls(Endpoint::Discovery), 2);
}

#[tokio::test]
async fn a_provider_of_another_name_stops_the_start() {
    let error =
        refusal(|document| drop(document.insert("issuer".into(), json!("https://evil.example"))))
            .await;
    let text = error.to_string();
    assert!(text.contains("AUTHSAFE_DOMAIN (domain)"), "{text}");
    assert!(
        text.contains("another issuer, `https://evil.example`"),
        "{text}"
    );
    assert!(!error.is_unconfigured());
}

#[tokio::test]
async fn a_provider_without_s256_stops_the_start() {
    let error = refusal(|document| {
        document.insert("code_challenge_methods_supported".into(), json!(["plain"]));
    })
    .await;
    assert!(error.to_string().contains("PKCE with S256"), "{error}");
}

#[tokio::test]
async fn a_provider_that_signs_with_nothing_we_accept_stops_the_start() {
    let error = refusal(|document| {
        let algorithms = json!(["none", "HS256"]);
        document.insert("id_token_signing_alg_values_supported".into(), algorithms);
    })
    .await;
    assert!(
        error
            .to_string()
            .contains("none of the accepted algorithms"),
        "{error}"
    );
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_provider_is_told_at_once() {
    let error = refusal(|document| {
        document.insert("issuer".into(), json!("https://evil.example"));
        document.insert("code_challenge_methods_supported".into(), json!([]));
        document.insert(
            "id_token_signing_alg_values_supported".into(),
            json!(["none"]),
        );
        document.insert(
            "authorization_endpoint".into(),
            json!("ftp://evil.example/a"),
        );
        document.remove("token_endpoint");
        document.remove("jwks_uri");
    })
    .await;
    assert_eq!(error.problems().len(), 6, "{error}");
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once_by_variable() {
    let error = auth::from_vars(|_| None).await.unwrap_err();
    let variables: Vec<_> = error
        .problems()
        .iter()
        .filter_map(Problem::variable)
        .collect();
    assert_eq!(
        variables,
        [
            "AUTHSAFE_CLIENT_ID",
            "AUTHSAFE_CLIENT_SECRET",
            "AUTHSAFE_COOKIE_SECRET",
            "APP_URL"
        ]
    );
    assert!(error.is_unconfigured());
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_is_missing_and_no_secret_is_shown() {
    let error = auth::from_vars(|name| match name {
        "AUTHSAFE_DOMAIN" => Some("http://id.example".to_owned()),
        "AUTHSAFE_COOKIE_SECRET" => Some("hunter2-hunter2".to_owned()),
        "APP_URL" => Some("shop.example".to_owned()),
        _ => None,
    })
    .await
    .unwrap_err();
    let text = format!("{error}\n{error:?}");
    assert_eq!(error.problems().len(), 5, "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("must be https"), "{text}");
}

#[tokio::test]
async fn endpoints_that_are_all_set_by_hand_are_not_discovered() {
    mod by_hand {
        #[authsafe::routes(
            scopes("openid"),
            endpoints(authorization = env("AUTHORIZATION"), token = env("TOKEN"), jwks = env("JWKS")),
        )]
        pub(super) mod auth {}
    }
    let provider = demo_provider().start().await.unwrap();
    provider.set_response_iss(false);
    let url = |endpoint: Endpoint| format!("{}{}", provider.issuer(), endpoint.path());
    let (authorization, token, jwks) = (
        url(Endpoint::Authorize),
        url(Endpoint::Token),
        url(Endpoint::Jwks),
    );
    let stage = Stage::builder()
        .spec(by_hand::auth::SPEC)
        .provider(provider)
        .var("AUTHORIZATION", &authorization)
        .var("TOKEN", &token)
        .var("JWKS", &jwks)
        .start()
        .await;
    stage.browser_of("bob").await;
    assert_eq!(stage.provider.calls(Endpoint::Discovery), 0);
}

/// Endpoints by hand, and `domain` left alone: the one who is there is told nothing.
#[tokio::test]
async fn what_is_not_named_by_hand_is_not_called_at_the_domain_either() {
    const ALL: [Endpoint; 8] = [
        Endpoint::Discovery,
        Endpoint::Authorize,
        Endpoint::Token,
        Endpoint::Jwks,
        Endpoint::UserInfo,
        Endpoint::Revoke,
        Endpoint::Introspect,
        Endpoint::Logout,
    ];
    let named = demo_provider().start().await.unwrap();
    let domain = demo_provider().start().await.unwrap();
    named.set_response_iss(false);
    let at = |endpoint: Endpoint| {
        let url = format!("{}{}", named.issuer(), endpoint.path());
        Some(Setting::Literal(Box::leak(url.into_boxed_str())))
    };
    let endpoints = Endpoints {
        issuer: at_issuer(named.issuer()),
        authorization: at(Endpoint::Authorize),
        token: at(Endpoint::Token),
        jwks: at(Endpoint::Jwks),
        ..Endpoints::DEFAULT
    };
    let app = async |endpoints, domain: &str| {
        let spec = spec(SpecParts {
            scopes: &["openid", "offline_access"],
            endpoints,
            bearer: Some(BearerSpec::new(Setting::Literal("https://api.example.com"))),
            ..*parts(auth::SPEC)
        });
        let builder = Stage::builder().spec(Box::leak(Box::new(spec)));
        builder.var("AUTHSAFE_DOMAIN", domain).start().await
    };
    let story = async |stage: &Stage| {
        let mut browser = stage.browser();
        assert!(browser.callback("bob").await.makes_a_session());
        let opaque = stage
            .browser()
            .visit(Method::GET, "/dashboard")
            .header("authorization", "Bearer opaque")
            .send()
            .await;
        opaque.refuses(401, "invalid_token", "Invalid access token");
        browser.post("/api/auth/logout").await
    };

    let stage = app(endpoints, domain.issuer()).await;
    let goodbye = story(&stage).await;
    assert_eq!(goodbye.location(), "/");
    tokio::time::sleep(Duration::from_millis(200)).await;
    for endpoint in ALL {
        assert_eq!(domain.calls(endpoint), 0, "{endpoint:?}");
    }
    for endpoint in [Endpoint::Revoke, Endpoint::Introspect, Endpoint::Logout] {
        assert_eq!(named.calls(endpoint), 0, "{endpoint:?}");
    }

    // What is named is called, so that the silence above says something.
    let endpoints = Endpoints {
        revocation: at(Endpoint::Revoke),
        introspection: at(Endpoint::Introspect),
        end_session: at(Endpoint::Logout),
        ..endpoints
    };
    let stage = app(endpoints, domain.issuer()).await;
    let goodbye = story(&stage).await;
    assert!(
        goodbye.location().starts_with(named.issuer()),
        "{goodbye:#?}"
    );
    eventually("the refresh token is revoked", || {
        named.calls(Endpoint::Revoke) == 1
    })
    .await;
    assert_eq!(named.calls(Endpoint::Introspect), 1);
    for endpoint in ALL {
        assert_eq!(domain.calls(endpoint), 0, "{endpoint:?}");
    }
}

fn at_issuer(issuer: &str) -> Option<Setting> {
    Some(Setting::Literal(Box::leak(
        issuer.to_owned().into_boxed_str(),
    )))
}

/// AuthSafe under a domain of its customer's.
static AUTHSAFES: Spec = spec(SpecParts {
    endpoints: Endpoints {
        authsafe: true,
        ..Endpoints::DEFAULT
    },
    ..*parts(auth::SPEC)
});

#[tokio::test]
async fn a_domain_without_discovery_has_authsafes_own_paths() {
    let provider = demo_provider().start().await.unwrap();
    provider.answer_next(Endpoint::Discovery, StatusCode::NOT_FOUND, "");
    let builder = Stage::builder().spec(&AUTHSAFES).provider(provider);
    let stage = builder.start().await;
    stage.browser_of("bob").await;
    assert_eq!(stage.provider.calls(Endpoint::Discovery), 1);
}

#[tokio::test]
async fn a_domain_that_is_not_authsafes_and_has_no_document_stops_the_start() {
    let provider = demo_provider().start().await.unwrap();
    provider.answer_next(Endpoint::Discovery, StatusCode::NOT_FOUND, "");
    let asked = format!("{}/.well-known/openid-configuration", provider.issuer());
    let started = Stage::builder().provider(provider).try_start().await;
    let text = started.err().expect("a StartError").to_string();
    for part in [
        "AUTHSAFE_DOMAIN (domain)",
        &asked,
        "endpoints(authorization = ",
        "endpoints(authsafe)",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_root_certificate_that_is_not_there_stops_the_start() {
    mod with_ca {
        #[authsafe::routes(ca_file = env("CA_FILE"))]
        pub(super) mod auth {}
    }
    let started = Stage::builder().spec(with_ca::auth::SPEC);
    let started = started.var("CA_FILE", "/nowhere/ca.pem").try_start().await;
    let error = started.err().unwrap();
    assert!(error.to_string().contains("CA_FILE (ca_file)"), "{error}");
}

#[tokio::test]
async fn the_handle_prints_no_secret() {
    let stage = Stage::new().await;
    let text = format!("{:?}", stage.auth);
    assert!(text.contains(stage.provider.issuer()), "{text}");
    assert!(!text.contains(authsafe_tests::CLIENT_SECRET), "{text}");
    assert!(!text.contains(authsafe_tests::COOKIE_SECRET), "{text}");
}
