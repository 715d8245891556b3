//! The local provider alone, over real sockets: it must be as strict as a real one, or the tests
//! that lean on it prove nothing.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use authsafe::dev::{ClaimForm, ClientAuth, DevError, Endpoint, LocalProvider, User};
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE, WWW_AUTHENTICATE,
};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

const APP: &str = "http://localhost:3000";
const CALLBACK: &str = "http://localhost:3000/api/auth/callback";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ALL_SCOPES: &str = "openid profile email offline_access admin";

struct Browser {
    provider: LocalProvider,
    http: Client,
}

impl Browser {
    async fn demo() -> Self {
        let builder = LocalProvider::builder().demo();
        Self::of(builder.client("app", None).start().await.unwrap())
    }

    fn of(provider: LocalProvider) -> Self {
        let policy = reqwest::redirect::Policy::none();
        let http = Client::builder()
            .redirect(policy)
            .no_proxy()
            .build()
            .unwrap();
        Self { provider, http }
    }

    fn url(&self, endpoint: Endpoint) -> Url {
        let issuer = Url::parse(self.provider.issuer()).unwrap();
        issuer.join(endpoint.path()).unwrap()
    }

    fn authorize_url(&self, more: &[(&str, &str)]) -> Url {
        let mut params = vec![
            ("client_id", "app"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", ALL_SCOPES),
            ("state", "st&te"),
            ("nonce", "n0nce"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        params.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        params.extend_from_slice(more);
        let mut url = self.url(Endpoint::Authorize);
        url.query_pairs_mut().extend_pairs(params);
        url
    }

    async fn get(&self, url: Url) -> Response {
        self.http.get(url).send().await.unwrap()
    }

    async fn post(&self, endpoint: Endpoint, form: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.http.post(self.url(endpoint)).body(body);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.send().await.unwrap()
    }

    async fn code_for(&self, user: &str) -> String {
        let response = self.get(self.authorize_url(&[("user", user)])).await;
        param(&location(&response), "code").expect("a code")
    }

    async fn exchange(&self, code: &str) -> Response {
        self.exchange_with(code, &[]).await
    }

    async fn exchange_with(&self, code: &str, more: &[(&str, &str)]) -> Response {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", "app"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        form.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        self.post(Endpoint::Token, &form).await
    }

    async fn tokens_for(&self, user: &str) -> Value {
        let response = self.exchange(&self.code_for(user).await).await;
        assert_eq!(response.status(), StatusCode::OK);
        json_of(response).await
    }

    async fn refresh(&self, token: &str) -> Response {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", "app"),
        ];
        self.post(Endpoint::Token, &form).await
    }

    async fn userinfo(&self, token: &str) -> Response {
        let request = self.http.get(self.url(Endpoint::UserInfo));
        let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        request.send().await.unwrap()
    }
}

fn location(response: &Response) -> Url {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    Url::parse(response.headers()[LOCATION].to_str().unwrap()).unwrap()
}

fn param(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs().into_owned();
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

async fn json_of(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).expect("JSON")
}

async fn refused(response: Response, error: &str) {
    let status = response.status();
    let body = json_of(response).await;
    assert_eq!(body["error"], error, "{status}: {body}");
    let expected = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(status.as_u16(), expected);
}

/// The header and the claims of a JWT, unverified.
fn decode(token: &Value) -> (Value, Value) {
    let mut parts = token.as_str().unwrap().split('.').map(|part| {
        let mut bits = 0u32;
        let mut held = 0;
        let mut bytes = Vec::new();
        for c in part.bytes() {
            let value = match c {
                b'A'..=b'Z' => c - b'A',
                b'a'..=b'z' => c - b'a' + 26,
                b'0'..=b'9' => c - b'0' + 52,
                b'-' => 62,
                b'_' => 63,
                _ => panic!("not base64url: {part}"),
            };
            bits = bits << 6 | u32::from(value);
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
            }
        }
        bytes
    });
    let header = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    let claims = serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (header, claims)
}

#[tokio::test]
async fn discovery_says_where_everything_is() {
    let browser = Browser::demo().await;
    let document = json_of(browser.get(browser.url(Endpoint::Discovery)).await).await;
    assert_eq!(document["issuer"], browser.provider.issuer());
    assert_eq!(
        document["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        true
    );
    assert_eq!(
        document["end_session_endpoint"],
        browser.url(Endpoint::Logout).as_str()
    );
    browser.provider.set_end_session(false);
    browser.provider.set_response_iss(false);
    let document = json_of(browser.get(browser.url(Endpoint::Discovery)).await).await;
    assert_eq!(document.get("end_session_endpoint"), None);
    assert_eq!(
        document.get("authorization_response_iss_parameter_supported"),
        None
    );
    assert_eq!(browser.provider.calls(Endpoint::Discovery), 2);
    assert_eq!(browser.provider.calls(Endpoint::Jwks), 0);
}

#[tokio::test]
async fn the_page_lists_the_people_and_escapes_what_others_wrote() {
    let mallory = User::new("m\"><script>").name("<script>alert(1)</script>");
    let provider = LocalProvider::builder()
        .demo()
        .user(mallory)
        .client("app", None)
        .start()
        .await
        .unwrap();
    let browser = Browser::of(provider);
    let state = ("state", "\"><script>");
    let response = browser.get(browser.authorize_url(&[state])).await;
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(policy.contains("default-src 'none'"));
    assert!(policy.contains("form-action 'self' http://localhost:3000;"));
    assert_eq!(response.headers()["cache-control"], "no-store");
    let page = response.text().await.unwrap();
    assert!(page.contains("Alice Admin") && page.contains("Bob Builder"));
    assert!(page.contains("name=\"state\" value=\"&quot;&gt;&lt;script&gt;\""));
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn alice_signs_in_by_the_form_and_gets_what_she_may_have() {
    let browser = Browser::demo().await;
    let chosen = browser.authorize_url(&[("user", "alice")]);
    let form: Vec<(String, String)> = chosen.query_pairs().into_owned().collect();
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let response = browser.post(Endpoint::Authorize, &form).await;
    let back = location(&response);
    assert_eq!(back.path(), "/api/auth/callback");
    assert_eq!(param(&back, "state").as_deref(), Some("st&te"));
    assert_eq!(
        param(&back, "iss").as_deref(),
        Some(browser.provider.issuer())
    );

    let tokens = json_of(browser.exchange(&param(&back, "code").unwrap()).await).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], ALL_SCOPES);

    let (header, access) = decode(&tokens["access_token"]);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(access["iss"], browser.provider.issuer());
    assert_eq!(access["sub"], "authsafe|alice");
    assert_eq!(access["aud"], "app");
    assert_eq!(access["scope"], ALL_SCOPES);
    assert_eq!(access["roles"], json!(["admin"]));
    assert_eq!(access["org_id"], "org_demo");
    assert_eq!(
        access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap(),
        3600
    );

    let (header, id) = decode(&tokens["id_token"]);
    assert_eq!(header["typ"], "JWT");
    assert_eq!(id["sub"], "authsafe|alice");
    assert_eq!(id["nonce"], "n0nce");
    assert_eq!(id["email"], "alice@example.com");
    assert_eq!(id["email_verified"], true);
    assert_eq!(id["name"], "Alice Admin");
    assert!(id["at_hash"].is_string() && id["sid"].is_string() && id["auth_time"].is_u64());

    let jwks = json_of(browser.get(browser.url(Endpoint::Jwks)).await).await;
    assert_eq!(jwks["keys"][0]["kid"], header["kid"]);
    assert_eq!(jwks["keys"][0]["kty"], "RSA");
    assert_eq!(jwks["keys"][0]["alg"], "RS256");
    assert_eq!(jwks["keys"][0].get("d"), None);
}

#[tokio::test]
async fn bob_is_granted_less_and_no_refresh_token_unless_asked() {
    let browser = Browser::demo().await;
    let tokens = browser.tokens_for("bob").await;
    assert_eq!(tokens["scope"], "openid profile email offline_access");
    assert_eq!(decode(&tokens["access_token"]).1["roles"], json!([]));

    let url = browser.authorize_url(&[("user", "bob"), ("scope", "openid")]);
    let code = param(&location(&browser.get(url).await), "code").unwrap();
    let tokens = json_of(browser.exchange(&code).await).await;
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(decode(&tokens["id_token"]).1.get("email"), None);
}

#[tokio::test]
async fn nobody_is_redirected_to_an_address_that_does_not_belong_to_the_client() {
    let provider = LocalProvider::builder()
        .demo()
        .client("app", None)
        .client("shop", None)
        .redirect_uri("https://shop.example/cb")
        .start()
        .await
        .unwrap();
    let browser = Browser::of(provider);
    for wrong in [
        ("client_id", "nobody"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "https://evil.example/"),
        ("client_id", "shop"),
    ] {
        let url = browser.authorize_url(&[wrong, ("user", "alice")]);
        let response = browser.get(url).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{wrong:?}");
        assert_eq!(response.headers().get(LOCATION), None, "{wrong:?}");
    }
    let mut twice = browser.authorize_url(&[("user", "alice")]);
    twice.query_pairs_mut().append_pair("state", "again");
    assert_eq!(browser.get(twice).await.status(), StatusCode::BAD_REQUEST);

    let shop = [
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/cb"),
        ("user", "alice"),
    ];
    let back = location(&browser.get(browser.authorize_url(&shop)).await);
    assert_eq!(back.host_str(), Some("shop.example"));
}

#[tokio::test]
async fn other_mistakes_go_back_to_the_app_as_errors() {
    let browser = Browser::demo().await;
    for (wrong, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("request", "x"), "request_not_supported"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("cancel", "1"), "access_denied"),
    ] {
        let back = location(&browser.get(browser.authorize_url(&[wrong])).await);
        assert_eq!(param(&back, "error").as_deref(), Some(error), "{wrong:?}");
        assert_eq!(param(&back, "state").as_deref(), Some("st&te"));
        assert_eq!(
            param(&back, "iss").as_deref(),
            Some(browser.provider.issuer())
        );
        assert_eq!(param(&back, "code"), None);
    }
    let nothing = browser.authorize_url(&[("scope", "unknown"), ("user", "bob")]);
    let back = location(&browser.get(nothing).await);
    assert_eq!(param(&back, "error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn pkce_is_enforced() {
    let browser = Browser::demo().await;
    let code = browser.code_for("alice").await;
    refused(
        browser.exchange_with(&code, &[("code_verifier", "")]).await,
        "invalid_request",
    )
    .await;
    let wrong = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong";
    refused(
        browser
            .exchange_with(&code, &[("code_verifier", wrong)])
            .await,
        "invalid_grant",
    )
    .await;
    // The wrong guess spent the code.
    refused(browser.exchange(&code).await, "invalid_grant").await;

    let code = browser.code_for("alice").await;
    let elsewhere = ("redirect_uri", "http://localhost:3000/elsewhere");
    refused(
        browser.exchange_with(&code, &[elsewhere]).await,
        "invalid_grant",
    )
    .await;

    let code = browser.code_for("alice").await;
    browser.provider.advance_clock(Duration::from_secs(60));
    refused(browser.exchange(&code).await, "invalid_grant").await;
}

#[tokio::test]
async fn a_replayed_code_takes_its_tokens_back() {
    let browser = Browser::demo().await;
    let code = browser.code_for("alice").await;
    let tokens = json_of(browser.exchange(&code).await).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(browser.userinfo(access).await.status(), StatusCode::OK);
    refused(browser.exchange(&code).await, "invalid_grant").await;
    assert_eq!(
        browser.userinfo(access).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let refresh = tokens["refresh_token"].as_str().unwrap();
    refused(browser.refresh(refresh).await, "invalid_grant").await;
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_reused_one_revokes_its_family() {
    let browser = Browser::demo().await;
    let first = browser.tokens_for("alice").await;
    let first_refresh = first["refresh_token"].as_str().unwrap();
    let second = json_of(browser.refresh(first_refresh).await).await;
    let second_refresh = second["refresh_token"].as_str().unwrap();
    assert_ne!(first_refresh, second_refresh);
    assert_eq!(second["scope"], ALL_SCOPES);
    let (_, id) = decode(&second["id_token"]);
    assert_eq!(id["sub"], "authsafe|alice");
    assert_eq!(id.get("nonce"), None);
    assert_eq!(id["sid"], decode(&first["id_token"]).1["sid"]);

    refused(browser.refresh(first_refresh).await, "invalid_grant").await;
    refused(browser.refresh(second_refresh).await, "invalid_grant").await;
    let access = second["access_token"].as_str().unwrap();
    assert_eq!(
        browser.userinfo(access).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn without_rotation_a_refresh_token_stays() {
    let browser = Browser::demo().await;
    browser.provider.set_refresh_rotation(false);
    let tokens = browser.tokens_for("alice").await;
    let refresh = tokens["refresh_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(!refresh.is_empty());
    for _ in 0..2 {
        let response = browser.refresh(&refresh).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(json_of(response).await.get("refresh_token"), None);
    }
}

#[tokio::test]
async fn a_refresh_may_narrow_the_scopes_and_not_widen_them() {
    let browser = Browser::demo().await;
    let tokens = browser.tokens_for("bob").await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let with_scope = async |scope| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("client_id", "app"),
            ("scope", scope),
        ];
        browser.post(Endpoint::Token, &form).await
    };
    refused(with_scope("openid admin").await, "invalid_scope").await;
    assert_eq!(json_of(with_scope("openid").await).await["scope"], "openid");
}

#[tokio::test]
async fn clients_authenticate_in_the_body() {
    let provider = LocalProvider::builder()
        .demo()
        .client("app", Some("s3cret"))
        .client("other", None)
        .start()
        .await
        .unwrap();
    let browser = Browser::of(provider);
    let code = browser.code_for("alice").await;
    for wrong in [
        vec![],
        vec![("client_secret", "wrong")],
        vec![("client_id", "nobody")],
        vec![("client_id", "other"), ("client_secret", "s3cret")],
    ] {
        refused(browser.exchange_with(&code, &wrong).await, "invalid_client").await;
    }
    let right = [("client_secret", "s3cret")];
    let response = browser.exchange_with(&code, &right).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.status(), StatusCode::OK);

    let code = browser.code_for("alice").await;
    let stolen = browser
        .exchange_with(&code, &[("client_id", "other")])
        .await;
    refused(stolen, "invalid_grant").await;

    let token = browser.url(Endpoint::Token);
    let request = browser.http.post(token).body("grant_type=refresh_token");
    refused(request.send().await.unwrap(), "invalid_request").await;
    let form = [("client_id", "other"), ("grant_type", "password")];
    refused(
        browser.post(Endpoint::Token, &form).await,
        "unsupported_grant_type",
    )
    .await;
}

#[tokio::test]
async fn clients_authenticate_in_the_header_where_they_have_to() {
    let provider = LocalProvider::builder().demo();
    let provider = provider.client("app", Some("a:b+c")).client("other", None);
    let provider = provider.start().await.unwrap();
    provider.set_client_auth(ClientAuth::Basic);
    let browser = Browser::of(provider);
    let document = json_of(browser.get(browser.url(Endpoint::Discovery)).await).await;
    let offered = &document["token_endpoint_auth_methods_supported"];
    assert_eq!(*offered, json!(["client_secret_basic", "none"]));
    let code = browser.code_for("alice").await;
    let in_body = [("client_secret", "a:b+c")];
    refused(
        browser.exchange_with(&code, &in_body).await,
        "invalid_client",
    )
    .await;
    let ask = async |pair: &str, form: &[(&str, &str)]| {
        let request = browser.http.post(browser.url(Endpoint::Introspect));
        let pair = base64_simd::STANDARD.encode_to_string(pair);
        let request = request.header("authorization", format!("Basic {pair}"));
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(form).send().await.unwrap()
    };
    let token = ("token", "x");
    for good in ["app:a%3Ab%2Bc", "app:a:b%2bc"] {
        let answer = json_of(ask(good, &[token]).await).await;
        assert_eq!(answer, json!({"active": false}));
    }
    for wrong in ["app:a:b+c", "app:", "app", "other:", "nobody:x"] {
        refused(ask(wrong, &[token]).await, "invalid_client").await;
    }
    let twice = ask("app:a:b%2Bc", &[token, ("client_secret", "a:b+c")]).await;
    refused(twice, "invalid_request").await;
}

#[tokio::test]
async fn userinfo_and_introspection_know_what_is_good() {
    let browser = Browser::demo().await;
    let tokens = browser.tokens_for("alice").await;
    let access = tokens["access_token"].as_str().unwrap();
    let about = json_of(browser.userinfo(access).await).await;
    assert_eq!(about["sub"], "authsafe|alice");
    assert_eq!(about["email"], "alice@example.com");

    let introspect = async |token| {
        let form = [("client_id", "app"), ("token", token)];
        json_of(browser.post(Endpoint::Introspect, &form).await).await
    };
    let known = introspect(access).await;
    assert_eq!(
        (&known["active"], &known["scope"]),
        (&json!(true), &json!(ALL_SCOPES))
    );
    assert_eq!(introspect("unknown").await, json!({ "active": false }));

    browser.provider.advance_clock(Duration::from_secs(3600));
    assert_eq!(introspect(access).await, json!({ "active": false }));
    let response = browser.userinfo(access).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        response.headers()[WWW_AUTHENTICATE],
        "Bearer error=\"invalid_token\""
    );
}

#[tokio::test]
async fn revocation_ends_a_grant_and_says_nothing_of_unknown_tokens() {
    let browser = Browser::demo().await;
    let tokens = browser.tokens_for("alice").await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    for token in ["unknown", refresh, refresh] {
        let form = [("client_id", "app"), ("token", token)];
        let response = browser.post(Endpoint::Revoke, &form).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
    refused(browser.refresh(refresh).await, "invalid_grant").await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        browser.userinfo(access).await.status(),
        StatusCode::UNAUTHORIZED
    );

    let tokens = browser.tokens_for("bob").await;
    browser.provider.revoke_all();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    refused(browser.refresh(refresh).await, "invalid_grant").await;
}

#[tokio::test]
async fn whoever_is_signed_in_needs_no_page_until_max_age_or_logout() {
    let browser = Browser::demo().await;
    let response = browser.get(browser.authorize_url(&[("user", "bob")])).await;
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let silently = async |more: &[(&str, &str)]| {
        let mut params = vec![("prompt", "none")];
        params.extend_from_slice(more);
        let request = browser.http.get(browser.authorize_url(&params));
        location(&request.header(COOKIE, &cookie).send().await.unwrap())
    };
    let code = param(&silently(&[]).await, "code").unwrap();
    let tokens = json_of(browser.exchange(&code).await).await;
    assert_eq!(decode(&tokens["id_token"]).1["sub"], "authsafe|bob");

    browser.provider.advance_clock(Duration::from_secs(100));
    assert!(param(&silently(&[("max_age", "200")]).await, "code").is_some());
    let error = param(&silently(&[("max_age", "50")]).await, "error");
    assert_eq!(error.as_deref(), Some("login_required"));

    // Without a hint the provider asks; with the ID token it does not.
    let mut logout = browser.url(Endpoint::Logout);
    logout.query_pairs_mut().extend_pairs([
        ("client_id", "app"),
        ("post_logout_redirect_uri", APP),
        ("state", "bye"),
    ]);
    let request = browser.http.get(logout.clone()).header(COOKIE, &cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.text().await.unwrap().contains("Sign out?"));
    assert!(param(&silently(&[]).await, "code").is_some());

    let hint = tokens["id_token"].as_str().unwrap();
    logout.query_pairs_mut().append_pair("id_token_hint", hint);
    let request = browser.http.get(logout).header(COOKIE, &cookie);
    let back = location(&request.send().await.unwrap());
    assert_eq!(back.as_str(), "http://localhost:3000/?state=bye");
    let error = param(&silently(&[]).await, "error");
    assert_eq!(error.as_deref(), Some("login_required"));
}

#[tokio::test]
async fn logout_sends_nobody_to_a_stranger() {
    let browser = Browser::demo().await;
    for params in [
        vec![
            ("client_id", "app"),
            ("post_logout_redirect_uri", "https://evil.example/"),
        ],
        vec![("post_logout_redirect_uri", APP)],
        vec![("id_token_hint", "a.b.c")],
    ] {
        let mut url = browser.url(Endpoint::Logout);
        url.query_pairs_mut().extend_pairs(&params);
        let response = browser.get(url).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{params:?}");
        assert_eq!(response.headers().get(LOCATION), None);
    }
}

#[tokio::test]
async fn keys_rotate_on_demand() {
    let browser = Browser::demo().await;
    let old = decode(&browser.tokens_for("bob").await["id_token"]).0;
    browser.provider.rotate_keys().unwrap();
    let new = decode(&browser.tokens_for("bob").await["id_token"]).0;
    assert_ne!(old["kid"], new["kid"]);
    let kids = async || {
        let jwks = json_of(browser.get(browser.url(Endpoint::Jwks)).await).await;
        let keys = jwks["keys"].as_array().unwrap().clone();
        keys.iter()
            .map(|key| key["kid"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(kids().await, [old["kid"].clone(), new["kid"].clone()]);
    browser.provider.retire_old_keys();
    assert_eq!(kids().await, [new["kid"].clone()]);
}

#[tokio::test]
async fn a_test_can_make_it_misbehave() {
    let browser = Browser::demo().await;
    let provider = &browser.provider;
    provider.set_scope_form(ClaimForm::Array);
    provider.set_roles_form(ClaimForm::String);
    provider.set_access_token_lifetime(Duration::from_secs(5));
    provider.tamper_id_token(|claims| {
        claims.insert("aud".to_owned(), json!("somebody else"));
    });
    provider.tamper_id_token_header(|header| {
        header.insert("alg".to_owned(), json!("none"));
    });
    provider.tamper_token_response(|body| {
        body.remove("scope");
    });
    let tokens = browser.tokens_for("alice").await;
    let (_, access) = decode(&tokens["access_token"]);
    assert_eq!(access["scope"][4], "admin");
    assert_eq!(access["roles"], "admin");
    assert_eq!(tokens["expires_in"], 5);
    assert_eq!(tokens.get("scope"), None);
    let (header, id) = decode(&tokens["id_token"]);
    assert_eq!(
        (&header["alg"], &id["aud"]),
        (&json!("none"), &json!("somebody else"))
    );

    provider.stop_tampering();
    let tokens = browser.tokens_for("alice").await;
    assert_eq!(decode(&tokens["id_token"]).1["aud"], "app");

    let before = provider.calls(Endpoint::Jwks);
    provider.answer_next(Endpoint::Jwks, StatusCode::TOO_MANY_REQUESTS, "later");
    provider.answer_next(Endpoint::Jwks, StatusCode::OK, "{}");
    let jwks = async || browser.get(browser.url(Endpoint::Jwks)).await;
    assert_eq!(jwks().await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(json_of(jwks().await).await, json!({}));
    assert!(json_of(jwks().await).await["keys"].is_array());
    assert_eq!(provider.calls(Endpoint::Jwks) - before, 3);

    provider.delay(Endpoint::Jwks, Duration::from_millis(50));
    let started = std::time::Instant::now();
    jwks().await;
    assert!(started.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn only_loopback_by_name_and_by_address() {
    let open = LocalProvider::builder()
        .demo()
        .bind("0.0.0.0:0")
        .start()
        .await;
    assert!(matches!(open, Err(DevError::NotLoopback(_))));

    let browser = Browser::demo().await;
    let request = browser.http.get(browser.url(Endpoint::Discovery));
    let response = request
        .header("Host", "rebound.example")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_taken_port_is_said_and_a_stopped_provider_frees_its_own() {
    let first = LocalProvider::builder().demo().start().await.unwrap();
    assert_eq!(first.client_id(), LocalProvider::DEFAULT_CLIENT_ID);
    let address = first.issuer().strip_prefix("http://").unwrap().to_owned();
    let again = || LocalProvider::builder().demo().bind(&address).start();
    assert!(matches!(again().await, Err(DevError::Bind { .. })));
    first.stop().await;
    assert!(again().await.is_ok());
}

#[tokio::test]
async fn what_is_kept_outlives_a_restart() {
    let keep = std::env::temp_dir().join(format!("authsafe-kept-{}.json", std::process::id()));
    let start = async || {
        let builder = LocalProvider::builder().demo().client("app", None);
        Browser::of(builder.keep(&keep).start().await.unwrap())
    };
    let first = start().await;
    let asked = [("user", "alice"), ("scope", ALL_SCOPES)];
    let answer = first.get(first.authorize_url(&asked)).await;
    let code = param(&location(&answer), "code").unwrap();
    let tokens = json_of(first.exchange(&code).await).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let kid = |token: &Value| decode(token).0["kid"].clone();
    let before = first.provider.vars(APP)("AUTHSAFE_COOKIE_SECRET");
    first.provider.stop().await;

    let second = start().await;
    assert_eq!(second.provider.vars(APP)("AUTHSAFE_COOKIE_SECRET"), before);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("refresh_token", refresh),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = second.http.post(second.url(Endpoint::Token));
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let again = json_of(answer).await;
    assert_eq!(kid(&again["id_token"]), kid(&tokens["id_token"]));
    second.provider.stop().await;

    std::fs::write(&keep, "something else").unwrap();
    let other = LocalProvider::builder().demo().keep(&keep).start().await;
    assert!(matches!(other, Err(DevError::Kept(_))));
    std::fs::remove_file(&keep).unwrap();
}

mod an_app_of_its_settings {
    use super::*;

    #[authsafe::routes]
    mod auth {}

    #[authsafe::routes(client_secret = none)]
    mod public {}

    #[tokio::test]
    async fn starts_and_signs_in_with_a_secret_and_without() {
        let provider = LocalProvider::builder().demo().start().await.unwrap();
        let vars = provider.vars("http://localhost:3000");
        assert_eq!(vars("APP_URL").as_deref(), Some("http://localhost:3000"));
        assert_eq!(vars("AUTHSAFE_DOMAIN").as_deref(), Some(provider.issuer()));
        assert_eq!(vars("PATH"), None);
        let secret = vars("AUTHSAFE_COOKIE_SECRET");
        assert_eq!(
            secret,
            provider.vars("http://localhost:4000")("AUTHSAFE_COOKIE_SECRET")
        );
        for auth in [
            auth::from_vars(&vars).await.unwrap(),
            public::from_vars(&vars).await.unwrap(),
        ] {
            assert_eq!(lands_at(&auth).await, "/orders");
        }
    }

    #[tokio::test]
    async fn with_clients_of_its_own_is_that_of_the_first() {
        let provider = LocalProvider::builder()
            .demo()
            .client("shop", Some("s3cret"));
        let provider = provider.client("other", None).start().await.unwrap();
        let vars = provider.vars("http://localhost:3000");
        assert_eq!(vars("AUTHSAFE_CLIENT_ID").as_deref(), Some("shop"));
        assert_eq!(vars("AUTHSAFE_CLIENT_SECRET").as_deref(), Some("s3cret"));
        let public = LocalProvider::builder().demo().client("spa", None);
        let public = public.start().await.unwrap();
        assert_eq!(
            public.vars("http://localhost")("AUTHSAFE_CLIENT_SECRET"),
            None
        );
    }

    /// Where a sign-in of Alice ends.
    async fn lands_at(auth: &authsafe::Auth) -> String {
        let request = |url: &str, cookie: Option<&str>| {
            let request = http::Request::get(url);
            let request = match cookie {
                Some(cookie) => request.header("cookie", cookie),
                None => request,
            };
            request.body(()).unwrap().into_parts().0
        };
        let started = auth
            .sign_in(&request(&auth::sign_in_url("/orders"), None))
            .await;
        let text = |name: &str| started.headers()[name].to_str().unwrap().to_owned();
        let mut url = Url::parse(&text("location")).unwrap();
        url.query_pairs_mut().append_pair("user", "alice");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let back = http.build().unwrap().get(url).send().await.unwrap();
        let back = back.headers()["location"].to_str().unwrap().to_owned();
        let cookie = text("set-cookie");
        let cookie = cookie.split(';').next().unwrap();
        let callback = auth.callback(&request(&back, Some(cookie))).await;
        assert_eq!(callback.status(), 303);
        callback.headers()["location"].to_str().unwrap().to_owned()
    }
}

/// What each provider does in a way of its own, seen at the socket.
mod that_behaves_like {
    use super::*;

    const SCOPES: &str = "openid profile email";

    async fn like(name: &str) -> Browser {
        let builder = LocalProvider::builder().demo().like(name);
        Browser::of(builder.client("app", None).start().await.unwrap())
    }

    async fn tokens(browser: &Browser, more: &[(&str, &str)]) -> Value {
        let mut asked = vec![
            ("user", "alice"),
            ("scope", SCOPES),
            ("response_mode", "query"),
        ];
        asked.retain(|(name, _)| more.iter().all(|(given, _)| given != name));
        asked.extend_from_slice(more);
        let answer = browser.get(browser.authorize_url(&asked)).await;
        let code = param(&location(&answer), "code").unwrap();
        let answer = browser.exchange(&code).await;
        assert_eq!(answer.status(), StatusCode::OK);
        json_of(answer).await
    }

    fn claims(token: &str) -> Option<Value> {
        let part = token.split('.').nth(1)?;
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(part).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    async fn document(browser: &Browser) -> Value {
        let issuer = browser.provider.issuer().trim_end_matches('/');
        let path = Endpoint::Discovery.path();
        let url = Url::parse(&format!("{issuer}{path}")).unwrap();
        json_of(browser.get(url).await).await
    }

    #[tokio::test]
    async fn each_one_has_its_issuer_where_its_document_is() {
        for (name, path) in [
            ("authsafe", ""),
            ("keycloak", "/realms/demo"),
            ("auth0", "/"),
            ("okta", ""),
            ("google", ""),
            ("cognito", "/eu-west-1_Demo"),
            ("apple", ""),
            ("zitadel", ""),
            ("authelia", ""),
            ("authentik", "/application/o/demo/"),
            ("gitlab", ""),
        ] {
            let browser = like(name).await;
            let issuer = browser.provider.issuer();
            assert!(issuer.ends_with(path) && issuer.len() > path.len() + 16);
            assert_eq!(document(&browser).await["issuer"], issuer, "{name}");
            assert_eq!(browser.provider.calls(Endpoint::Discovery), 1);
            let scope = if name == "apple" { "openid" } else { SCOPES };
            let given = tokens(&browser, &[("scope", scope)]).await;
            let id = claims(given["id_token"].as_str().unwrap()).unwrap();
            assert_eq!(id["iss"], issuer, "{name}");
        }
        let keycloak = like("keycloak").await;
        let elsewhere = keycloak.get(keycloak.url(Endpoint::Discovery)).await;
        assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn entra_has_an_issuer_for_each_tenant() {
        let browser = like("entra").await;
        let (origin, _) = browser
            .provider
            .issuer()
            .split_once("/organizations")
            .unwrap();
        let told = format!("{origin}/{{tenantid}}/v2.0");
        assert_eq!(document(&browser).await["issuer"], told);
        let given = tokens(&browser, &[]).await;
        let id = claims(given["id_token"].as_str().unwrap()).unwrap();
        let tenant = id["tid"].as_str().unwrap();
        assert_eq!(id["iss"], format!("{origin}/{tenant}/v2.0"));
        assert_eq!(id["oid"], "oid-of-alice");
    }

    #[tokio::test]
    async fn most_give_access_tokens_that_are_not_for_the_app() {
        for name in ["auth0", "google", "apple", "zitadel", "authelia", "gitlab"] {
            let browser = like(name).await;
            let given = tokens(&browser, &[("scope", "openid")]).await;
            assert_eq!(
                claims(given["access_token"].as_str().unwrap()),
                None,
                "{name}"
            );
        }
        for (name, audience, subject) in [
            ("authsafe", json!("app"), "authsafe|alice"),
            ("keycloak", json!("account"), "alice"),
            ("okta", json!(null), "alice@example.com"),
            (
                "entra",
                json!("00000003-0000-0000-c000-000000000000"),
                "graph-alice",
            ),
            ("cognito", json!(null), "alice"),
            ("authentik", json!("app"), "alice"),
        ] {
            let browser = like(name).await;
            let given = tokens(&browser, &[]).await;
            let access = claims(given["access_token"].as_str().unwrap()).unwrap();
            let expected = match name {
                "okta" => json!(browser.provider.issuer()),
                _ => audience,
            };
            assert_eq!(access["aud"], expected, "{name}");
            assert_eq!(access["sub"], subject, "{name}");
        }
    }

    #[tokio::test]
    async fn refresh_tokens_are_given_and_renewed_as_there() {
        let offline = ("scope", "openid offline_access");
        for (name, asked, renewed, old_is_good) in [
            ("authsafe", offline, true, false),
            ("keycloak", ("scope", "openid"), true, true),
            ("auth0", offline, false, true),
            ("okta", offline, false, true),
            ("entra", offline, true, true),
            ("google", ("access_type", "offline"), false, true),
            ("cognito", ("scope", "openid"), false, true),
            ("apple", ("scope", "openid"), false, true),
            ("zitadel", offline, true, false),
            ("authelia", offline, true, false),
            ("authentik", offline, true, false),
            ("gitlab", ("scope", "openid"), true, false),
        ] {
            let browser = like(name).await;
            let given = tokens(&browser, &[asked]).await;
            let old = given["refresh_token"].as_str().unwrap();
            let again = browser.refresh(old).await;
            assert_eq!(again.status(), StatusCode::OK, "{name}");
            let again = json_of(again).await;
            assert_eq!(again["refresh_token"].is_string(), renewed, "{name}");
            assert!(again["id_token"].is_string(), "{name}");
            let is_good = browser.refresh(old).await.status() == StatusCode::OK;
            assert_eq!(is_good, old_is_good, "{name}");
        }
        for (name, asked) in [
            ("authsafe", ("scope", "openid")),
            ("auth0", ("scope", "openid")),
            ("google", ("access_type", "online")),
            ("authentik", ("scope", "openid")),
        ] {
            let given = tokens(&like(name).await, &[asked]).await;
            assert_eq!(given["refresh_token"], json!(null), "{name}");
        }
    }

    #[tokio::test]
    async fn claims_come_for_their_scopes_where_they_lie() {
        for (name, scope, claim, in_id_token, at_userinfo) in [
            ("okta", "openid", "groups", false, false),
            ("okta", "openid groups", "groups", true, false),
            ("authelia", "openid", "groups", false, false),
            ("authelia", "openid groups", "groups", false, true),
            ("authelia", "openid profile", "name", false, true),
            ("zitadel", "openid profile", "name", false, true),
            ("gitlab", "openid", "groups_direct", true, false),
            ("authentik", "openid profile", "groups", true, true),
            ("cognito", "openid", "cognito:groups", true, false),
            ("entra", "openid", "roles", true, false),
            ("keycloak", "openid", "realm_access", false, false),
        ] {
            let browser = like(name).await;
            let given = tokens(&browser, &[("scope", scope)]).await;
            let id = claims(given["id_token"].as_str().unwrap()).unwrap();
            assert_eq!(!id[claim].is_null(), in_id_token, "{name} {claim}");
            let access = given["access_token"].as_str().unwrap();
            let told = json_of(browser.userinfo(access).await).await;
            assert_eq!(!told[claim].is_null(), at_userinfo, "{name} {claim}");
        }
        let apple = like("apple").await;
        let given = tokens(&apple, &[("scope", "openid")]).await;
        let access = given["access_token"].as_str().unwrap();
        assert_eq!(apple.userinfo(access).await.status(), StatusCode::NOT_FOUND);
        assert!(document(&apple).await["userinfo_endpoint"].is_null());
    }

    #[tokio::test]
    async fn authsafe_refuses_a_grant_in_its_own_words() {
        let browser = like("authsafe").await;
        for answer in [browser.exchange("x").await, browser.refresh("x").await] {
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            let body = json_of(answer).await;
            assert_eq!(body["statusCode"], 401);
            assert_eq!(body["path"], "/auth/token");
            assert_eq!(body["error"], json!(null));
        }
    }

    #[tokio::test]
    async fn discovery_tells_of_client_authentication_and_of_logout_what_it_tells_there() {
        for (name, post, basic, end_session) in [
            ("authsafe", true, false, true),
            ("keycloak", true, true, true),
            ("auth0", true, true, true),
            ("okta", true, true, true),
            ("google", true, true, false),
            ("cognito", true, true, true),
            ("apple", true, false, false),
            ("authelia", true, true, false),
            ("gitlab", true, true, false),
        ] {
            let document = document(&like(name).await).await;
            let methods = document["token_endpoint_auth_methods_supported"].to_string();
            assert_eq!(methods.contains("client_secret_post"), post, "{name}");
            assert_eq!(methods.contains("client_secret_basic"), basic, "{name}");
            let has_logout = document["end_session_endpoint"].is_string();
            assert_eq!(has_logout, end_session, "{name}");
        }
    }
}
