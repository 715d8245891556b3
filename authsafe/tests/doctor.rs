//! `authsafe doctor` against a provider at which each fault is made for real.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::{Command, Output};

use authsafe::dev::{Builder, ClientAuth, Endpoint, LocalProvider};
use axum::http::StatusCode;
use serde_json::Value;

const SECRET: &str = "hunter2 of the shop";
const COOKIE_SECRET: &str = "hunter2 of the cookies that is long enough";
const CALLBACK: &str = "http://localhost:3000/api/auth/callback";

/// A provider with a client that is as it should be, and one that has no secret.
fn builder() -> Builder {
    LocalProvider::builder()
        .demo()
        .client("shop", Some(SECRET))
        .redirect_uri(CALLBACK)
        .client("spa", None)
        .redirect_uri(CALLBACK)
}

/// What the command said.
struct Said {
    code: i32,
    text: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
        let said = Self {
            code: output.status.code().unwrap(),
            text: text.concat(),
        };
        for word in ["hunter2", "aHVudGVy", "ready", "\u{1b}"] {
            assert!(!said.text.contains(word), "{word}: {}", said.text);
        }
        said
    }

    /// The line of a finding, and those below it.
    fn about(&self, name: &str) -> String {
        let is_it = |line: &&str| line.get(10..).is_some_and(|it| it.starts_with(name));
        let mut lines = self.text.lines().skip_while(|line| !is_it(line));
        let first = lines.next().unwrap_or_default();
        let more = lines.take_while(|line| line.starts_with("            "));
        let lines: Vec<_> = core::iter::once(first).chain(more).collect();
        lines.join("\n")
    }

    fn holds(&self, name: &str, words: &[&str]) {
        let about = self.about(name);
        for word in words {
            assert!(about.contains(word), "{name}: {word}\n{}", self.text);
        }
    }
}

/// The variables of the client that is as it should be.
fn vars(domain: &str) -> Vec<(&'static str, String)> {
    [
        ("AUTHSAFE_DOMAIN", domain),
        ("AUTHSAFE_CLIENT_ID", "shop"),
        ("AUTHSAFE_CLIENT_SECRET", SECRET),
        ("AUTHSAFE_COOKIE_SECRET", COOKIE_SECRET),
        ("APP_URL", "http://localhost:3000"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn with(domain: &str, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut vars = vars(domain);
    vars.retain(|it| it.0 != name);
    vars.push((name, value.to_owned()));
    vars
}

async fn run(args: &[&str], vars: &[(&'static str, String)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authsafe"));
    command.args(args).env_clear();
    command.envs(vars.iter().map(|(name, value)| (name, value)));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    Said::of(&output.await.unwrap())
}

async fn doctor(vars: &[(&'static str, String)]) -> Said {
    run(&["doctor"], vars).await
}

/// The report as JSON, and the exit code.
async fn report(vars: &[(&'static str, String)]) -> (i32, Value) {
    let said = run(&["doctor", "--json"], vars).await;
    (said.code, serde_json::from_str(&said.text).unwrap())
}

fn finding<'a>(report: &'a Value, about: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.find(|it| it["about"] == about).unwrap()
}

/// A server that is no provider; returns its origin.
async fn serve(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    origin
}

#[tokio::test]
async fn what_was_tried_and_is_right_is_told_and_what_was_not_is_told_too() {
    let provider = builder().start().await.unwrap();
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 0, "{}", said.text);
    said.holds("settings", &["ok"]);
    said.holds("discovery", &["ok", "/.well-known/openid-configuration"]);
    said.holds("keys", &["ok", "RS256"]);
    said.holds("client id", &["ok", "`shop` is known"]);
    said.holds("redirect URI", &["ok", CALLBACK, "is registered"]);
    said.holds("client secret", &["ok", "a wrong one is refused"]);
    said.holds("client auth", &["ok", "in the body alone (post)"]);
    said.holds("scopes", &["told", "openid email profile"]);
    said.holds("name, e-mail", &["told", "UserInfo is asked"]);
    said.holds("roles", &["a sign-in shows"]);
    said.holds("refresh", &["offline_access"]);
    said.holds("logout", &["told", "http://localhost:3000/ into its list"]);
    assert!(
        said.text.contains("\n  #[authsafe::routes]\n"),
        "{}",
        said.text
    );
    assert!(said.text.contains(
        "Nothing is wrong in what was tried.\nNot known: roles.\nNot tried: a sign-in of a person"
    ));
}

#[tokio::test]
async fn nothing_is_asked_but_what_it_says_and_nobody_signs_in() {
    let provider = builder().start().await.unwrap();
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 0, "{}", said.text);
    assert_eq!(provider.calls(Endpoint::Authorize), 1);
    // With the secret, and with a wrong one; and the way that is refused.
    assert_eq!(provider.calls(Endpoint::Token), 3);
    assert_eq!(provider.calls(Endpoint::Jwks), 1);
    for endpoint in [
        Endpoint::UserInfo,
        Endpoint::Revoke,
        Endpoint::Introspect,
        Endpoint::Logout,
    ] {
        assert_eq!(provider.calls(endpoint), 0, "{endpoint:?}");
    }
}

#[tokio::test]
async fn the_report_is_json_for_scripts() {
    let provider = builder().start().await.unwrap();
    let issuer = provider.issuer();
    let (code, report) = report(&vars(issuer)).await;
    assert_eq!(code, 0, "{report}");
    assert_eq!(report["verdict"], "nothing_wrong");
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["domain"], issuer);
    assert_eq!(report["client_id"], "shop");
    assert_eq!(report["redirect_uri"], CALLBACK);
    assert_eq!(report["endpoints"]["issuer"], issuer);
    assert_eq!(
        report["endpoints"]["token endpoint"],
        format!("{issuer}/auth/token")
    );
    assert_eq!(report["algorithms"], serde_json::json!(["RS256"]));
    assert_eq!(report["client_auth"]["post"], "works");
    assert_eq!(report["client_auth"]["basic"], "refused");
    assert_eq!(report["attribute"], "#[authsafe::routes]");
    assert_eq!(finding(&report, "client secret")["state"], "ok");
    assert!(!report["not_tried"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_told() {
    let provider = builder().start().await.unwrap();
    let vars = with(
        provider.issuer(),
        "AUTHSAFE_CLIENT_SECRET",
        "hunter2, misspelt",
    );
    let said = doctor(&vars).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("redirect URI", &["ok"]);
    said.holds(
        "client secret",
        &[
            "wrong",
            "it is refused",
            "cause: 401, `invalid_client`",
            "write: AUTHSAFE_CLIENT_SECRET",
        ],
    );
    // It has a space.
    said.holds("client secret", &["do not decode in a header"]);
    assert!(said.text.contains("One thing is wrong."), "{}", said.text);
    let plain = with(provider.issuer(), "AUTHSAFE_CLIENT_SECRET", "hunter2");
    let said = doctor(&plain).await;
    assert!(!said.text.contains("decode"), "{}", said.text);
    let (code, report) = report(&vars).await;
    assert_eq!((code, &report["verdict"]), (1, &"wrong".into()));
    assert_eq!(finding(&report, "client secret")["state"], "wrong");
    assert_eq!(report["client_auth"]["post"], "refused");
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_told_with_the_one_to_register() {
    let provider = builder().start().await.unwrap();
    let vars = with(provider.issuer(), "APP_URL", "http://localhost:4000");
    let said = doctor(&vars).await;
    assert_eq!(said.code, 1, "{}", said.text);
    let uri = "http://localhost:4000/api/auth/callback";
    said.holds("client id", &["ok"]);
    said.holds(
        "redirect URI",
        &[
            "wrong",
            "is not registered",
            "cause: 400:",
            &format!("write: {uri} into"),
        ],
    );
    said.holds("client secret", &["ok"]);
    let (code, report) = report(&vars).await;
    assert_eq!(code, 1);
    assert_eq!(finding(&report, "redirect URI")["state"], "wrong");
}

#[tokio::test]
async fn a_client_that_nobody_knows_is_told() {
    let provider = builder().start().await.unwrap();
    let vars = with(provider.issuer(), "AUTHSAFE_CLIENT_ID", "shpo");
    let said = doctor(&vars).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds(
        "client id",
        &[
            "wrong",
            "`shpo` is refused",
            "There is no client",
            "write: AUTHSAFE_CLIENT_ID",
        ],
    );
    said.holds("redirect URI", &["skipped", "the client id comes first"]);
    said.holds("client secret", &["wrong", "as the client id is"]);
    let (code, report) = report(&vars).await;
    assert_eq!(code, 1);
    assert_eq!(finding(&report, "client id")["state"], "wrong");
    assert_eq!(finding(&report, "redirect URI")["state"], "not_tried");
}

#[tokio::test]
async fn a_domain_that_is_another_site_is_told() {
    let page = || async { axum::response::Html("<h1>Welcome") };
    let site = serve(axum::Router::new().fallback(page)).await;
    let said = doctor(&vars(&site)).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("discovery", &["wrong", "but text/html", "another site's"]);
    // The secret is for the provider alone.
    assert_eq!(said.about("client secret"), "", "{}", said.text);
    let (code, report) = report(&vars(&site)).await;
    assert_eq!(code, 1);
    assert_eq!(finding(&report, "discovery")["state"], "wrong");
    assert_eq!(report["attribute"], Value::Null);
}

#[tokio::test]
async fn a_document_of_another_issuer_is_told_with_the_key_and_sees_no_secret() {
    let provider = builder().start().await.unwrap();
    provider.tamper_discovery(|document| {
        document.insert("issuer".to_owned(), "https://other.example".into());
    });
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("discovery", &["wrong", "another issuer"]);
    let line = "#[authsafe::routes(endpoints(issuer = \"https://other.example\"))]";
    assert!(said.text.contains(line), "{}", said.text);
    assert_eq!(provider.calls(Endpoint::Token), 0);
    let (_, report) = report(&vars(provider.issuer())).await;
    assert_eq!(report["attribute"], line);
}

#[tokio::test]
async fn a_domain_without_a_document_is_told_with_what_is_likely_wrong() {
    let provider = builder().start().await.unwrap();
    let domain = format!("{}/realms/shop", provider.issuer());
    let said = doctor(&vars(&domain)).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("discovery", &["wrong", "404", "endpoints("]);
    let pasted = format!("{}/.well-known/openid-configuration", provider.issuer());
    let said = doctor(&vars(&pasted)).await;
    assert_eq!(said.code, 1);
    said.holds(
        "settings",
        &[
            "wrong",
            "discovery document",
            &format!("write {:?}", provider.issuer()),
        ],
    );
}

#[tokio::test]
async fn a_token_endpoint_that_takes_the_header_alone_is_told_and_the_key_where_the_document_lies()
{
    let provider = builder().start().await.unwrap();
    provider.set_client_auth(ClientAuth::Basic);
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 0, "{}", said.text);
    said.holds("client auth", &["ok", "in the header alone (basic)"]);
    // As the document says: the app finds it by itself.
    assert!(
        said.text.contains("\n  #[authsafe::routes]\n"),
        "{}",
        said.text
    );

    provider.tamper_discovery(|document| {
        let methods = serde_json::json!(["client_secret_post"]);
        document.insert("token_endpoint_auth_methods_supported".to_owned(), methods);
    });
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 0, "{}", said.text);
    said.holds(
        "client auth",
        &[
            "tries the other way first",
            "write: client_auth = \"basic\"",
        ],
    );
    let line = "#[authsafe::routes(client_auth = \"basic\")]";
    assert!(said.text.contains(line), "{}", said.text);
    let (_, report) = report(&vars(provider.issuer())).await;
    assert_eq!(report["client_auth"]["basic"], "works");
    assert_eq!(report["attribute"], line);
}

#[tokio::test]
async fn https_where_http_is_spoken_is_told_and_the_other_way_round() {
    let provider = builder().start().await.unwrap();
    let secure = provider.issuer().replace("http://", "https://");
    let said = doctor(&vars(&secure)).await;
    assert_eq!(said.code, 3, "{}", said.text);
    said.holds(
        "discovery",
        &[
            "wrong",
            "no secure connection",
            &format!("`{}`", provider.issuer()),
        ],
    );
    let (code, report) = report(&vars(&secure)).await;
    assert_eq!((code, &report["verdict"]), (3, &"not_reached".into()));

    // What is on http leads to https.
    let moved = |uri: axum::http::Uri| async move {
        axum::response::Redirect::permanent(&format!("https://id.example{uri}"))
    };
    let plain = serve(axum::Router::new().fallback(moved)).await;
    let said = doctor(&vars(&plain)).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds(
        "discovery",
        &[
            "wrong",
            "it leads to https://id.example/",
            "write: https://id.example as the domain",
        ],
    );
}

#[tokio::test]
async fn an_app_on_https_has_no_provider_on_http() {
    let mut vars = with("http://id.example", "APP_URL", "https://shop.example");
    vars.retain(|it| it.0 != "AUTHSAFE_COOKIE_SECRET");
    let said = doctor(&vars).await;
    assert_eq!(said.code, 1, "{}", said.text);
    assert!(
        said.text.contains("AUTHSAFE_DOMAIN (domain)"),
        "{}",
        said.text
    );
    assert!(
        said.text.contains("AUTHSAFE_COOKIE_SECRET"),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn a_provider_that_is_down_has_an_exit_code_of_its_own() {
    // Nobody listens on port 9 of loopback.
    let said = doctor(&vars("http://127.0.0.1:9")).await;
    assert_eq!(said.code, 3, "{}", said.text);
    said.holds("discovery", &["wrong", "connection refused"]);
    assert!(said.text.contains("The provider could not be asked."));
    let (code, report) = report(&vars("http://127.0.0.1:9")).await;
    assert_eq!((code, &report["verdict"]), (3, &"not_reached".into()));

    let provider = builder().start().await.unwrap();
    provider.answer_next(Endpoint::Discovery, StatusCode::SERVICE_UNAVAILABLE, "");
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 3, "{}", said.text);
    said.holds("discovery", &["503"]);
}

#[tokio::test]
async fn what_is_missing_is_told_and_the_rest_is_asked_all_the_same() {
    let provider = builder().start().await.unwrap();
    let mut some = vars(provider.issuer());
    some.retain(|it| it.0 != "AUTHSAFE_COOKIE_SECRET");
    let said = doctor(&some).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("settings", &["wrong", "AUTHSAFE_COOKIE_SECRET"]);
    said.holds("client secret", &["ok"]);

    let domain = vec![("AUTHSAFE_DOMAIN", provider.issuer().to_owned())];
    let said = doctor(&domain).await;
    assert_eq!(said.code, 1, "{}", said.text);
    for variable in ["AUTHSAFE_CLIENT_ID", "AUTHSAFE_CLIENT_SECRET", "APP_URL"] {
        assert!(said.text.contains(variable), "{variable}: {}", said.text);
    }
    said.holds("keys", &["ok"]);
    said.holds("redirect URI", &["skipped"]);
    let (_, report) = report(&domain).await;
    assert_eq!(report["client_id"], Value::Null);
    assert_eq!(report["redirect_uri"], Value::Null);
}

#[tokio::test]
async fn a_public_client_has_no_secret_and_a_confidential_one_has() {
    let provider = builder().start().await.unwrap();
    let spa = with(provider.issuer(), "AUTHSAFE_CLIENT_ID", "spa");
    let said = doctor(&spa).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds(
        "client secret",
        &["wrong", "a public one", "client_secret = none"],
    );
    let line = "#[authsafe::routes(client_secret = none)]";
    assert!(said.text.contains(line), "{}", said.text);

    let said = run(&["doctor", "--public"], &spa).await;
    assert_eq!(said.code, 0, "{}", said.text);
    said.holds("client secret", &["ok", "the provider wants none"]);
    assert!(said.text.contains(line), "{}", said.text);

    let said = run(&["doctor", "--public"], &vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("client secret", &["wrong", "the provider wants one"]);
}

#[tokio::test]
async fn a_provider_that_looks_at_the_code_first_says_nothing_of_the_secret() {
    let provider = builder().start().await.unwrap();
    for _ in 0..4 {
        let body = r#"{"error":"invalid_grant"}"#;
        provider.answer_next(Endpoint::Token, StatusCode::BAD_REQUEST, body);
    }
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 0, "{}", said.text);
    said.holds("client secret", &["unknown", "a sign-in will show"]);
    assert!(!said.text.contains("client auth"), "{}", said.text);
}

/// A provider that asks everybody to sign in, whatever `prompt` says; returns its issuer.
async fn asks_everybody(looks_at_uris: bool) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let document = serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    })
    .to_string();
    let answer = async move |uri: axum::http::Uri| {
        let own = "redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fapi%2Fauth%2Fcallback";
        let is_own = uri.query().is_some_and(|it| it.contains(own));
        match uri.path() {
            "/authorize" if looks_at_uris && !is_own => (StatusCode::BAD_REQUEST, "no".to_owned()),
            "/authorize" => (StatusCode::OK, "<h1>Sign in</h1>".to_owned()),
            "/token" => {
                let body = r#"{"error":"invalid_client"}"#;
                (StatusCode::UNAUTHORIZED, body.to_owned())
            }
            "/keys" => (StatusCode::NOT_FOUND, String::new()),
            _ => (StatusCode::OK, document.clone()),
        }
    };
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    issuer
}

#[tokio::test]
async fn a_page_says_something_where_another_redirect_uri_is_refused_and_nothing_elsewhere() {
    let said = doctor(&vars(&asks_everybody(true).await)).await;
    said.holds("client id", &["ok"]);
    said.holds("redirect URI", &["ok", "another one is refused"]);
    let said = doctor(&vars(&asks_everybody(false).await)).await;
    said.holds("client id", &["unknown"]);
    said.holds("redirect URI", &["unknown", "for any other one too"]);
}

#[tokio::test]
async fn a_refusal_that_may_be_about_the_redirect_uri_says_nothing_of_the_secret() {
    let provider = builder().start().await.unwrap();
    for _ in 0..3 {
        let body = r#"{"error":"unauthorized_client"}"#;
        provider.answer_next(Endpoint::Token, StatusCode::FORBIDDEN, body);
    }
    let vars = with(provider.issuer(), "APP_URL", "http://localhost:4000");
    let said = doctor(&vars).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("redirect URI", &["wrong"]);
    said.holds("client secret", &["unknown", "that comes first"]);
    assert!(
        said.text.contains("Not known: client secret"),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn a_secret_that_the_provider_repeats_is_not_printed() {
    let provider = builder().start().await.unwrap();
    for _ in 0..3 {
        let body =
            format!(r#"{{"error":"invalid_client","error_description":"`{SECRET}` is wrong"}}"#);
        provider.answer_next(Endpoint::Token, StatusCode::UNAUTHORIZED, body);
    }
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("client secret", &["`***` is wrong"]);
}

#[tokio::test]
async fn keys_that_are_not_there_are_told() {
    let provider = builder().start().await.unwrap();
    provider.answer_next(Endpoint::Jwks, StatusCode::NOT_FOUND, "gone");
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("keys", &["wrong", "cause: 404: gone"]);
    provider.tamper_discovery(|document| {
        let algorithms = serde_json::json!(["ES256"]);
        document.insert(
            "id_token_signing_alg_values_supported".to_owned(),
            algorithms,
        );
    });
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("keys", &["wrong", "no key fits ES256"]);
}

#[tokio::test]
async fn roles_are_told_with_the_keys_that_read_them() {
    let provider = builder().start().await.unwrap();
    provider.tamper_discovery(|document| {
        document.insert(
            "claims_supported".to_owned(),
            serde_json::json!(["name", "groups"]),
        );
        let scopes = serde_json::json!(["openid", "email", "profile", "groups"]);
        document.insert("scopes_supported".to_owned(), scopes);
    });
    let said = doctor(&vars(provider.issuer())).await;
    said.holds(
        "roles",
        &[
            "told",
            "claims(roles = \"groups\"), scopes(\"openid\", \"email\", \"profile\", \"groups\")",
        ],
    );
    said.holds("name, e-mail", &["does not list `email`, `email_verified`"]);
    let args = ["doctor", "--scopes", "openid groups"];
    let said = run(&args, &vars(provider.issuer())).await;
    said.holds("roles", &["the scope `groups`, which is asked for"]);
    let line = "#[authsafe::routes(scopes(\"openid\", \"groups\"))]";
    assert!(said.text.contains(line), "{}", said.text);
}

#[tokio::test]
async fn a_right_client_is_wrong_at_no_provider_that_is_known_by_name() {
    for name in [
        "authsafe",
        "keycloak",
        "auth0",
        "okta",
        "google",
        "cognito",
        "zitadel",
        "authelia",
        "authentik",
        "gitlab",
    ] {
        let provider = builder().like(name).start().await.unwrap();
        let said = doctor(&vars(provider.issuer())).await;
        assert_eq!(said.code, 0, "{name}: {}", said.text);
        said.holds("redirect URI", &["ok"]);
        said.holds("client secret", &["ok"]);
        let wrong = with(provider.issuer(), "AUTHSAFE_CLIENT_SECRET", "hunter2");
        let said = doctor(&wrong).await;
        assert_eq!(said.code, 1, "{name}: {}", said.text);
        said.holds("client secret", &["wrong"]);
    }
}

#[tokio::test]
async fn a_provider_that_answers_with_a_form_alone_is_told_with_the_key() {
    let provider = builder().like("apple").start().await.unwrap();
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("redirect URI", &["ok"]);
    said.holds(
        "request",
        &["wrong", "cause: `invalid_request`", "write: response_mode"],
    );
    let line = "#[authsafe::routes(response_mode = \"form_post\")]";
    assert!(said.text.contains(line), "{}", said.text);
}

#[tokio::test]
async fn a_scope_that_is_refused_is_told() {
    let provider = builder().like("google").start().await.unwrap();
    let args = ["doctor", "--scopes", "openid offline_access"];
    let said = run(&args, &vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("redirect URI", &["ok"]);
    said.holds(
        "request",
        &["wrong", "`invalid_scope`", "write: fewer scopes than"],
    );
}

#[tokio::test]
async fn an_issuer_of_many_tenants_is_told_with_the_key() {
    let provider = builder().like("entra").start().await.unwrap();
    let said = doctor(&vars(provider.issuer())).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds("discovery", &["wrong", "another one for each tenant"]);
    let line = "#[authsafe::routes(tenants(\"...\"))]";
    assert!(said.text.contains(line), "{}", said.text);
    assert_eq!(provider.calls(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_provider_that_is_known_by_its_name_is_called_so() {
    let provider = builder().start().await.unwrap();
    let realm = format!("{}/realms/shop", provider.issuer());
    provider.tamper_discovery(move |document| {
        let endpoint = format!("{realm}/protocol/openid-connect/auth");
        document.insert("authorization_endpoint".to_owned(), endpoint.into());
    });
    let said = doctor(&vars(provider.issuer())).await;
    said.holds("provider", &["told", "it is keycloak"]);
    said.holds("roles", &["`provider = \"keycloak\"` reads them"]);
    let line = "#[authsafe::routes(provider = \"keycloak\")]";
    assert!(said.text.contains(line), "{}", said.text);
    // Nobody answers there.
    assert_eq!(said.code, 1);
    said.holds("redirect URI", &["wrong", "no answer that tells", "404"]);
}

#[tokio::test]
async fn what_the_command_is_told_is_in_the_attribute() {
    let provider = builder().start().await.unwrap();
    let vars = [
        ("ISSUER", provider.issuer()),
        ("CLIENT", "shop"),
        ("SECRET", SECRET),
        ("SEAL", COOKIE_SECRET),
        ("ORIGIN", "http://localhost:3000"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    let args = [
        ["doctor", "--domain", "ISSUER", "--client-id=CLIENT"].as_slice(),
        &["--client-secret", "SECRET", "--cookie-secret", "SEAL"],
        &["--app-url", "ORIGIN", "--base-path", "/auth"],
    ];
    let said = run(&args.concat(), &vars).await;
    assert_eq!(said.code, 1, "{}", said.text);
    said.holds(
        "redirect URI",
        &["wrong", "http://localhost:3000/auth/callback"],
    );
    let line = "#[authsafe::routes(domain = env(\"ISSUER\"), client_id = env(\"CLIENT\"), \
                app_url = env(\"ORIGIN\"), client_secret = env(\"SECRET\"), \
                cookie_secret = env(\"SEAL\"), base_path = \"/auth\")]";
    assert!(said.text.contains(line), "{}", said.text);
}

#[tokio::test]
async fn check_is_the_short_form_and_asks_the_document_alone() {
    let provider = builder().start().await.unwrap();
    let said = run(&["check", "--json"], &vars(provider.issuer())).await;
    let report: Value = serde_json::from_str(&said.text).unwrap();
    assert_eq!(
        (said.code, &report["verdict"]),
        (0, &"nothing_wrong".into())
    );
    assert_eq!(provider.calls(Endpoint::Authorize), 0);
    assert_eq!(provider.calls(Endpoint::Token), 0);
    let said = run(&["check", "--json"], &vars("http://127.0.0.1:9")).await;
    assert_eq!(said.code, 1);
}

#[tokio::test]
async fn wrong_arguments_are_named_with_the_nearest_spelling() {
    for (args, named) in [
        (
            &["doctr"][..],
            "there is no command `doctr`: did you mean `doctor`?",
        ),
        (
            &["doctor", "--jsn"],
            "`doctor` has no option `--jsn`: did you mean `--json`?",
        ),
        (&["check", "--publik"], "did you mean `--public`?"),
        (&["doctor", "--scopes", "email"], "`openid` is among them"),
        (&["doctor", "--json=yes"], "`--json` takes no value"),
        (&["doctor", "--domain="], "`--domain` needs a value"),
    ] {
        let said = run(args, &[]).await;
        assert_eq!(said.code, 2, "{args:?}");
        assert!(said.text.contains(named), "{args:?}: {}", said.text);
        assert!(said.text.lines().count() < 12, "{}", said.text);
    }
    let said = run(&["doctor", "--help"], &[]).await;
    assert_eq!(said.code, 0);
    assert!(said.text.contains("Exit codes: 0"), "{}", said.text);
    assert!(said.text.lines().count() < 45, "{}", said.text);
}
