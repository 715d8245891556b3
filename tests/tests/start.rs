//! What is wrong stops the start; what is only away does not.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authsafe::__private::{
    BearerSpec, CookieSpec, CrossOrigin, Endpoints, Landing, Pages, Parameter, Policy, Protect,
    SameSite, SecretSetting, SessionSpec, Setting, SharedStateSpec, SpecParts, StoreSpec,
    from_vars, parts, spec,
};
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

/// A setting that a function gives may be read from a file or asked for.
#[tokio::test]
async fn a_function_for_a_setting_is_called_once() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    fn app_url() -> String {
        CALLS.fetch_add(1, Ordering::Relaxed);
        "http://localhost:3000".to_owned()
    }
    let counted = spec(SpecParts {
        app_url: Setting::Value(&app_url),
        ..SpecParts::DEFAULT
    });
    // The other settings are missing.
    let started = from_vars(Box::leak(Box::new(counted)), |_: &str| None).await;
    assert!(started.is_err());
    assert_eq!(CALLS.load(Ordering::Relaxed), 1);
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
    for problem in error.problems() {
        assert_eq!(problem.setting(), "domain");
        assert_eq!(problem.variable(), Some("AUTHSAFE_DOMAIN"));
        let found = problem.found().unwrap_or_default();
        assert!(found.starts_with("\"http://127.0.0.1:"), "{problem}");
        assert!(
            problem
                .reason()
                .starts_with("the provider cannot be used: ")
        );
        assert!(!problem.advice().is_empty(), "{problem}");
    }
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
    assert!(
        text.contains("it is http, which is for localhost"),
        "{text}"
    );
}

const COOKIE_SECRET: &str = "8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A";
const OTHER_SECRET: &str = "Qm3xR8vB1nK7wZ5tY2cL9dF4hJ6gP0sA";
const CLIENT_SECRET: &str = "client-q7XrKp4nLs9dFh3gJb6A8Zz0w5";
const NOBODY: &str = "http://127.0.0.1:9";

/// The variables of an app whose provider is nowhere, some of them another.
fn vars(changed: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + Send + Sync {
    let mut vars = vec![
        ("AUTHSAFE_DOMAIN", NOBODY),
        ("AUTHSAFE_CLIENT_ID", "app"),
        ("AUTHSAFE_CLIENT_SECRET", CLIENT_SECRET),
        ("AUTHSAFE_COOKIE_SECRET", COOKIE_SECRET),
        ("APP_URL", "https://app.example.com"),
    ];
    vars.retain(|(name, _)| !changed.iter().any(|(changed, _)| changed == name));
    vars.extend(changed);
    let vars: Vec<_> = vars
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    move |name| {
        let (_, value) = vars.iter().find(|(it, _)| it == name)?;
        Some(value.clone())
    }
}

async fn start(
    parts: SpecParts,
    changed: &[(&str, &str)],
) -> Result<authsafe::Auth, Box<StartError>> {
    let spec: &'static Spec = Box::leak(Box::new(spec(parts)));
    from_vars(spec, vars(changed)).await.map_err(Box::new)
}

/// One problem: the setting, its variable, what is there, and words of the reason and of the advice.
type Told = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
    &'static str,
);

/// An app with the variable `X` in one place has this problem where `X` is so, and no other.
#[track_caller]
fn tells(error: &StartError, (setting, variable, found, reason, advice): Told) {
    let [problem] = error.problems() else {
        panic!("{setting}: {error}");
    };
    assert_eq!(problem.setting(), setting, "{error}");
    assert_eq!(problem.variable(), variable, "{error}");
    assert_eq!(problem.found(), found, "{error}");
    assert!(problem.reason().contains(reason), "{error}");
    assert!(problem.advice().contains(advice), "{error}");
    let text = problem.to_string();
    let begin = match variable {
        Some(variable) => format!("{variable} ({setting}) "),
        None => format!("{setting} "),
    };
    assert!(text.starts_with(&begin), "{text}");
    for part in [
        problem.reason(),
        problem.advice(),
        found.unwrap_or_default(),
    ] {
        assert!(text.contains(part), "{text}");
    }
    let list = format!("{error}\n{error:?}\n{problem:?}");
    for secret in [CLIENT_SECRET, COOKIE_SECRET, OTHER_SECRET, "hunter2"] {
        assert!(!list.contains(secret), "{list}");
    }
}

const X: Setting = Setting::Env {
    name: "X",
    default: None,
};
const SECRET: SecretSetting = SecretSetting::Env { name: "X" };

fn parameter() -> &'static [Parameter] {
    &[Parameter {
        name: "audience",
        value: X,
    }]
}

/// The settings that may be read from a variable, each from `X`.
fn of_variables() -> Vec<(&'static str, SpecParts)> {
    let default = *parts(auth::SPEC);
    let endpoints = |endpoints| SpecParts {
        endpoints,
        ..default
    };
    let none = Endpoints::DEFAULT;
    macro_rules! by_hand {
        ($($name:ident)*) => {
            [$((
                concat!("endpoints(", stringify!($name), ")"),
                endpoints(Endpoints { $name: Some(X), ..none }),
            )),*]
        };
    }
    let by_hand =
        by_hand!(issuer authorization token jwks userinfo revocation introspection end_session);
    let others = [
        (
            "domain",
            SpecParts {
                domain: X,
                ..default
            },
        ),
        (
            "client_id",
            SpecParts {
                client_id: X,
                ..default
            },
        ),
        (
            "client_secret",
            SpecParts {
                client_secret: SECRET,
                ..default
            },
        ),
        (
            "cookie_secret",
            SpecParts {
                cookie_secret: SECRET,
                ..default
            },
        ),
        (
            "app_url",
            SpecParts {
                app_url: X,
                ..default
            },
        ),
        (
            "ca_file",
            SpecParts {
                ca_file: Some(X),
                ..default
            },
        ),
        (
            "authorize",
            SpecParts {
                authorize: parameter(),
                ..default
            },
        ),
        (
            "bearer(audience)",
            SpecParts {
                bearer: Some(BearerSpec::new(X)),
                ..default
            },
        ),
        (
            "cross_origin",
            SpecParts {
                cross_origin: CrossOrigin::Allow(&[X]),
                ..default
            },
        ),
        (
            "cookies(domain)",
            SpecParts {
                cookies: CookieSpec {
                    domain: Some(X),
                    ..CookieSpec::DEFAULT
                },
                ..default
            },
        ),
        (
            "shared_state(redis)",
            SpecParts {
                shared_state: SharedStateSpec {
                    redis: SECRET,
                    ..SharedStateSpec::DEFAULT
                },
                ..default
            },
        ),
    ];
    others.into_iter().chain(by_hand).collect()
}

#[tokio::test]
async fn each_setting_that_is_missing_says_what_to_write() {
    for (setting, parts) in of_variables() {
        for x in [&[][..], &[("X", " ")]] {
            let error = start(parts, x).await.unwrap_err();
            let missing = match setting {
                "authorize" => "has no value for `audience`",
                _ => "is missing",
            };
            tells(&error, (setting, Some("X"), None, missing, ""));
            assert!(!error.problems()[0].advice().is_empty(), "{error}");
            assert!(error.is_unconfigured(), "{error}");
        }
    }
}

/// What each variable may not be: what is there, why it cannot stay, and what to write.
#[tokio::test]
async fn each_setting_that_is_wrong_says_what_is_there_and_what_to_write() {
    let url = "https://id.example.com/.well-known/openid-configuration";
    let document = "the address of a discovery document";
    let issuer = "\"https://id.example.com\"";
    let http = "it is http, which is for localhost";
    let path = "it has a path";
    let rows: &[(&str, &str, Option<&'static str>, &'static str, &'static str)] = &[
        (
            "domain",
            url,
            Some("\"https://id.example.com/.well-known/openid-configuration\""),
            document,
            issuer,
        ),
        (
            "domain",
            "http://id.example.com",
            Some("\"http://id.example.com\""),
            http,
            issuer,
        ),
        (
            "domain",
            "https://u:hunter2@id.example.com",
            Some("\"https://...@id.example.com\""),
            "a user",
            "such as",
        ),
        (
            "endpoints(issuer)",
            url,
            Some("\"https://id.example.com/.well-known/openid-configuration\""),
            document,
            issuer,
        ),
        (
            "endpoints(authorization)",
            "ftp://x",
            Some("\"ftp://x\""),
            "it is not https",
            "an https URL",
        ),
        (
            "endpoints(jwks)",
            url,
            Some("\"https://id.example.com/.well-known/openid-configuration\""),
            "of no endpoint",
            "an https URL",
        ),
        (
            "client_id",
            "${CLIENT_ID}",
            Some("\"${CLIENT_ID}\""),
            "the name of the variable `CLIENT_ID`",
            "its value",
        ),
        (
            "client_secret",
            "$CLIENT_SECRET",
            None,
            "it is the name of a variable",
            "the client secret",
        ),
        (
            "ca_file",
            "https://id.example/ca.pem",
            Some("\"https://id.example/ca.pem\""),
            "it is a URL",
            "the path of a file",
        ),
        (
            "ca_file",
            "-----BEGIN CERTIFICATE-----\nMIIB",
            Some("\"-----BEGIN CERTIFICATE-----\\nMIIB\""),
            "it is a certificate",
            "the path of a file",
        ),
        (
            "endpoints(token)",
            "http://x",
            Some("\"http://x\""),
            http,
            "\"https://x\"",
        ),
        (
            "endpoints(jwks)",
            "/keys",
            Some("\"/keys\""),
            "it is no URL",
            "an https URL",
        ),
        (
            "endpoints(userinfo)",
            "https://x#y",
            Some("\"https://x#y\""),
            "it has a fragment",
            "\"https://x\"",
        ),
        (
            "endpoints(revocation)",
            "https://",
            Some("\"https://\""),
            "it is no URL",
            "an https URL",
        ),
        (
            "endpoints(introspection)",
            "https://x:y",
            Some("\"https://x:y\""),
            "its port",
            "an https URL",
        ),
        (
            "endpoints(end_session)",
            "http://10.0.0.1",
            Some("\"http://10.0.0.1\""),
            http,
            "\"https://10.0.0.1\"",
        ),
        (
            "cookie_secret",
            "hunter2",
            None,
            "it is shorter than 32 bytes",
            "openssl rand",
        ),
        (
            "cookie_secret",
            "0101010101010101010101010101010101010101",
            None,
            "it repeats a few characters",
            "openssl rand",
        ),
        (
            "cookie_secret",
            "my-secret-0123456789-0123456789-abcdef",
            None,
            "made at random",
            "openssl rand",
        ),
        (
            "cookie_secret",
            "Qm3xR8vB1nK7wZ5tY2cL9dF4hJ6gP0sA,hunter2",
            None,
            "it is shorter",
            "openssl rand",
        ),
        (
            "cookie_secret",
            CLIENT_SECRET,
            None,
            "it is the client secret too",
            "of its own",
        ),
        (
            "client_secret",
            COOKIE_SECRET,
            None,
            "it is the client secret too",
            "of its own",
        ),
        (
            "app_url",
            "http://app.example.com",
            Some("\"http://app.example.com\""),
            http,
            "\"https://app.example.com\"",
        ),
        (
            "app_url",
            "app.example.com",
            Some("\"app.example.com\""),
            "it is no URL",
            "\"https://app.example.com\"",
        ),
        (
            "app_url",
            "https://a.example/api",
            Some("\"https://a.example/api\""),
            path,
            "\"https://a.example\": `base_path` has",
        ),
        (
            "app_url",
            "https://a.example/x/",
            Some("\"https://a.example/x/\""),
            path,
            "`base_path = \"/x/api/auth\"`",
        ),
        (
            "ca_file",
            "/nowhere/ca.pem",
            Some("\"/nowhere/ca.pem\""),
            "it cannot be read",
            "the path of a file",
        ),
        (
            "authorize",
            "a\u{7}b",
            Some("\"a\\u{7}b\""),
            "the value of `audience`, and it contains the control",
            "the one that",
        ),
        (
            "bearer(audience)",
            "a b",
            Some("\"a b\""),
            "it contains",
            "`aud`",
        ),
        (
            "cross_origin",
            "https://a.example/x",
            Some("\"https://a.example/x\""),
            path,
            "\"https://a.example\"",
        ),
        (
            "cross_origin",
            "http://10.0.0.1",
            Some("\"http://10.0.0.1\""),
            "whoever is between",
            "\"https://10.0.0.1\"",
        ),
        (
            "cookies(domain)",
            "https://example.com",
            Some("\"https://example.com\""),
            "it is a URL",
            "\"example.com\"",
        ),
        (
            "cookies(domain)",
            "com",
            Some("\"com\""),
            "it has no dot",
            "a host name",
        ),
        (
            "cookies(domain)",
            "example.org",
            Some("\"example.org\""),
            "the app is at \"app.example.com\"",
            "\"app.example.com\", or",
        ),
        (
            "shared_state(redis)",
            "http://:hunter2@redis",
            None,
            "is not one of Redis",
            "rediss://",
        ),
    ];
    for &(setting, x, found, reason, advice) in rows {
        let (_, parts) = of_variables()
            .into_iter()
            .find(|(it, _)| *it == setting)
            .unwrap();
        let error = start(parts, &[("X", x)]).await.unwrap_err();
        // Of two secrets that are one, the cookies' has to be another.
        let (setting, variable) = match setting {
            "client_secret" if x == COOKIE_SECRET => ("cookie_secret", "AUTHSAFE_COOKIE_SECRET"),
            other => (other, "X"),
        };
        tells(&error, (setting, Some(variable), found, reason, advice));
        assert!(!error.is_unconfigured(), "{error}");
    }
}

#[tokio::test]
async fn what_no_variable_says_is_told_as_well() {
    let default = *parts(auth::SPEC);
    let cookies = |cookies| SpecParts { cookies, ..default };
    let named = CookieSpec {
        name: "__Host-app",
        ..CookieSpec::DEFAULT
    };
    let secure = |secure| CookieSpec {
        secure: Some(secure),
        ..CookieSpec::DEFAULT
    };
    const fn rule(path: &'static str) -> Protect {
        let when = Policy::SignedIn;
        Protect { path, when }
    }
    let page = |pages| SpecParts { pages, ..default };
    let none = Pages::DEFAULT;
    let loops = "it is read as \"/api/auth/signin\", where `signin` lies";
    const ROUND: &str = "/x/../api/auth/%73ignin";
    let round = Some("\"/x/../api/auth/%73ignin\"");
    let (local, network) = ("http://localhost:3000", "http://10.0.0.1:3000");
    let https = "https://app.example.com";
    let rows: Vec<(SpecParts, &str, Told)> = vec![
        (
            cookies(named),
            local,
            (
                "cookies(name)",
                None,
                Some("\"__Host-app\""),
                "`app_url` is http",
                "\"app\"",
            ),
        ),
        (
            cookies(CookieSpec {
                path: "/api",
                ..named
            }),
            https,
            (
                "cookies(path)",
                None,
                Some("\"/api\""),
                "RFC 6265bis",
                "remove `path`",
            ),
        ),
        (
            cookies(CookieSpec {
                domain: Some(Setting::Literal("example.com")),
                ..named
            }),
            https,
            (
                "cookies(domain)",
                None,
                Some("\"example.com\""),
                "RFC 6265bis",
                "remove `domain`",
            ),
        ),
        (
            cookies(CookieSpec {
                same_site: SameSite::None,
                ..CookieSpec::DEFAULT
            }),
            local,
            (
                "cookies(same_site)",
                None,
                Some("\"none\""),
                "not Secure",
                "lax",
            ),
        ),
        (
            cookies(secure(false)),
            https,
            (
                "cookies(secure)",
                None,
                Some("`false`"),
                "`app_url` is https",
                "leave it out",
            ),
        ),
        (
            cookies(secure(true)),
            network,
            (
                "cookies(secure)",
                None,
                Some("`true`"),
                "not on this machine",
                "leave it out",
            ),
        ),
        (
            cookies(CookieSpec {
                path: "/shop",
                ..CookieSpec::DEFAULT
            }),
            https,
            (
                "cookies(path)",
                None,
                Some("\"/shop\""),
                "\"/api/auth/refresh\" (`refresh`)",
                "\"/\"",
            ),
        ),
        (
            SpecParts {
                protect: const { &[rule("/admin/**")] },
                ..cookies(CookieSpec {
                    path: "/api",
                    ..CookieSpec::DEFAULT
                })
            },
            https,
            (
                "cookies(path)",
                None,
                Some("\"/api\""),
                "\"/admin/**\" (`protect`)",
                "\"/\"",
            ),
        ),
        (
            SpecParts {
                trusted_proxies: &["10.0.0.1/8"],
                ..default
            },
            https,
            (
                "trusted_proxies",
                None,
                Some("\"10.0.0.1/8\""),
                "more than its prefix",
                "\"10.0.0.0/8\"",
            ),
        ),
        (
            SpecParts {
                protect: const { &[rule("admin")] },
                ..default
            },
            https,
            (
                "protect",
                None,
                Some("\"admin\""),
                "does not start",
                "\"/admin\"",
            ),
        ),
        (
            SpecParts {
                protect: const { &[rule("/a/**"), rule("/a/b")] },
                ..default
            },
            https,
            ("protect", None, Some("\"/a/b\""), "never asked", "first"),
        ),
        (
            SpecParts {
                protect: const { &[rule("/*/b"), rule("/a/*")] },
                ..default
            },
            https,
            (
                "protect",
                None,
                Some("\"/a/*\""),
                "both have \"/a/b\"",
                "a rule for \"/a/b\"",
            ),
        ),
        (
            SpecParts {
                protect: const { &[rule("/a")] },
                public: &["/a"],
                ..default
            },
            https,
            (
                "public",
                None,
                Some("\"/a\""),
                "nothing is left of the rule",
                "one of the two",
            ),
        ),
        (
            SpecParts {
                protect: const { &[rule("/**")] },
                public: &["/a/*", "/a/b"],
                ..default
            },
            https,
            (
                "public",
                None,
                Some("\"/a/b\""),
                "one of \"/a/*\"",
                "remove it",
            ),
        ),
        (
            SpecParts {
                landing: &[Landing {
                    when: Policy::SignedIn,
                    to: ROUND,
                    always: false,
                }],
                ..default
            },
            https,
            ("landing", None, round, loops, "a page of the app"),
        ),
        (
            SpecParts {
                after_logout: ROUND,
                ..default
            },
            https,
            ("after_logout", None, round, loops, "a page"),
        ),
        (
            page(Pages {
                error: Some(ROUND),
                ..none
            }),
            https,
            ("pages(error)", None, round, loops, "a page"),
        ),
        (
            page(Pages {
                expired: Some(ROUND),
                ..none
            }),
            https,
            ("pages(expired)", None, round, loops, "a page"),
        ),
        (
            page(Pages {
                sign_in: Some(ROUND),
                ..none
            }),
            https,
            ("pages(sign_in)", None, round, loops, "a page"),
        ),
        (
            SpecParts {
                client_secret: SecretSetting::Value(&|| "".to_owned().into()),
                ..default
            },
            https,
            (
                "client_secret",
                None,
                None,
                "it is empty",
                "the client secret",
            ),
        ),
        (
            SpecParts {
                session: SessionSpec {
                    store: StoreSpec::Redis,
                    ..SessionSpec::DEFAULT
                },
                ..default
            },
            https,
            (
                "shared_state(redis)",
                None,
                None,
                "no URL is set",
                "rediss://",
            ),
        ),
    ];
    for (parts, app_url, told) in rows {
        let error = start(parts, &[("APP_URL", app_url)]).await.unwrap_err();
        tells(&error, told);
    }
}

/// Chromium and Firefox keep `Secure` cookies of this machine, also over http.
#[tokio::test]
async fn what_browsers_take_starts() {
    let default = *parts(auth::SPEC);
    let cookies = |cookies| SpecParts { cookies, ..default };
    let host = CookieSpec {
        name: "__Host-app",
        ..CookieSpec::DEFAULT
    };
    let secure = CookieSpec {
        secure: Some(true),
        ..host
    };
    let none = CookieSpec {
        same_site: SameSite::None,
        ..secure
    };
    let below = CookieSpec {
        domain: Some(Setting::Literal("example.com")),
        path: "/api",
        ..CookieSpec::DEFAULT
    };
    for (spec, app_url) in [
        (host, "https://app.example.com"),
        (secure, "http://localhost:3000"),
        (none, "http://app.localhost:3000"),
        (below, "https://app.example.com"),
        (CookieSpec::DEFAULT, "http://10.0.0.1:3000"),
    ] {
        let started = start(cookies(spec), &[("APP_URL", app_url)]).await;
        assert!(started.is_ok(), "{started:?}");
    }
}

#[tokio::test]
async fn each_cookie_secret_is_another_than_the_client_secret() {
    let default = *parts(auth::SPEC);
    let of_client = format!("{CLIENT_SECRET},{OTHER_SECRET}");
    for (client, cookie, is_good) in [
        (CLIENT_SECRET, COOKIE_SECRET, true),
        (COOKIE_SECRET, COOKIE_SECRET, false),
        (CLIENT_SECRET, &*of_client, false),
        (OTHER_SECRET, &*of_client, false),
        (&*of_client, &*of_client, false),
        ("client", &*of_client, true),
    ] {
        let vars = [
            ("AUTHSAFE_CLIENT_SECRET", client),
            ("AUTHSAFE_COOKIE_SECRET", cookie),
        ];
        let started = start(default, &vars).await;
        assert_eq!(started.is_ok(), is_good, "{started:?}");
        if let Err(error) = started {
            let reason = "it is the client secret too";
            let variable = Some("AUTHSAFE_COOKIE_SECRET");
            tells(
                &error,
                ("cookie_secret", variable, None, reason, "of its own"),
            );
        }
    }
}

/// Somebody has mixed up two variables: what is shown of a setting is no secret.
#[tokio::test]
async fn a_secret_in_the_wrong_variable_is_not_shown() {
    let url = "https://hunter2hunter2hunter2.example/path";
    let vars = [("AUTHSAFE_CLIENT_SECRET", url), ("APP_URL", url)];
    let error = start(*parts(auth::SPEC), &vars).await.unwrap_err();
    let told = (
        "app_url",
        Some("APP_URL"),
        None,
        "it has a path",
        "no secret",
    );
    tells(&error, told);
}

#[tokio::test]
async fn a_long_value_is_cut() {
    let long = format!("http://{}.example", "x".repeat(5000));
    let vars = [("AUTHSAFE_DOMAIN", &*long)];
    let error = start(*parts(auth::SPEC), &vars).await.unwrap_err();
    assert!(error.to_string().len() < 1000, "{error}");
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
