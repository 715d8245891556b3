//! Requests by which the app says who it is, in the way that the provider takes.

use core::sync::atomic::{AtomicU8, Ordering};

use http::Response;
use url::Url;

use super::http::Http;
use crate::error::ProviderError;
use crate::log;
use crate::protocol::client::ClientRegistration;
use crate::protocol::client_auth::{Credentials, Method, Verdict, lacks_client};
use crate::protocol::discovery::Metadata;

/// The way that an endpoint has taken.
#[derive(Debug, Default)]
struct TakenMethod(AtomicU8);

impl TakenMethod {
    fn get(&self) -> Option<Method> {
        match self.0.load(Ordering::Relaxed) {
            1 => Some(Method::Basic),
            2 => Some(Method::Post),
            _ => None,
        }
    }

    fn note(&self, method: Method) {
        let method = match method {
            Method::Basic => 1,
            Method::Post => 2,
        };
        self.0.store(method, Ordering::Relaxed);
    }
}

/// The ways that the endpoints of a provider have taken: each may ask in its own.
#[derive(Debug, Default)]
pub(super) struct TakenMethods {
    token: TakenMethod,
    introspection: TakenMethod,
    revocation: TakenMethod,
}

/// The answer to a request of a client.
pub(super) struct Answered {
    pub(super) answer: Response<Vec<u8>>,
    /// It is a bare 401 of an endpoint that has never taken this client in any way: it does not know it.
    pub(super) knows_no_client: bool,
}

/// Requests of a client at its provider.
pub(super) struct AsClient<'a> {
    pub(super) client: &'a ClientRegistration,
    pub(super) taken: &'a TakenMethods,
    pub(super) http: &'a Http,
    pub(super) metadata: &'a Metadata,
}

impl AsClient<'_> {
    /// Posts a form. Where the way of saying whose it is may be left to the provider and it refuses
    /// one, it is asked once in the other; what it takes is remembered.
    pub(super) async fn post(
        &self,
        url: &Url,
        pairs: &[(&str, &str)],
    ) -> Result<Answered, ProviderError> {
        let client = self.client;
        let (_, taken) = self.endpoint(url);
        let offered = taken.get().or(self.taken.token.get());
        let method = client.method(offered.unwrap_or(self.metadata.client_auth));
        let answer = self.post_by(method, url, pairs).await?;
        let answer = match Verdict::of(&answer) {
            Verdict::Refused | Verdict::Unauthorized if client.may_try_the_other() => {
                self.post_by_other(method.other(), url, pairs, answer)
                    .await?
            }
            Verdict::Taken => {
                // Revocation may be answered so to anybody (RFC 7009 §2.2).
                if answer.status().is_success() && self.metadata.revocation.as_ref() != Some(url) {
                    taken.note(method);
                }
                answer
            }
            Verdict::Refused | Verdict::Unauthorized | Verdict::Nothing => answer,
        };
        let knows_no_client = client.secret.is_some()
            && !client.has_fixed_paths
            && taken.get().is_none()
            && Verdict::of(&answer) == Verdict::Unauthorized;
        Ok(Answered {
            answer,
            knows_no_client,
        })
    }

    /// Posts it in the other way. Where that is no better, what was said first counts.
    async fn post_by_other(
        &self,
        method: Method,
        url: &Url,
        pairs: &[(&str, &str)],
        first: Response<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ProviderError> {
        let second = self.post_by(method, url, pairs).await?;
        match Verdict::of(&second) {
            Verdict::Refused | Verdict::Unauthorized => Ok(first),
            // It is not read in this way: it misses the client.
            Verdict::Nothing if lacks_client(&second) => Ok(first),
            Verdict::Nothing => Ok(second),
            Verdict::Taken => {
                self.endpoint(url).1.note(method);
                log::info!(
                    "the provider refuses this app's credentials in one way and takes them in the other: \
                     with `client_auth = \"{}\"` it is asked in that one alone",
                    method.name()
                );
                Ok(second)
            }
        }
    }

    /// Returns what metrics call an endpoint, and the way that it has taken.
    fn endpoint(&self, url: &Url) -> (&'static str, &TakenMethod) {
        if self.metadata.token == *url {
            ("token", &self.taken.token)
        } else if self.metadata.introspection.as_ref() == Some(url) {
            ("introspection", &self.taken.introspection)
        } else {
            ("revocation", &self.taken.revocation)
        }
    }

    async fn post_by(
        &self,
        method: Method,
        url: &Url,
        pairs: &[(&str, &str)],
    ) -> Result<Response<Vec<u8>>, ProviderError> {
        let client = self.client;
        let credentials = Credentials::new(method, &client.id, client.secret.as_ref());
        let pairs = pairs.iter().chain(&credentials.parameters);
        let (name, _) = self.endpoint(url);
        self.http.post(name, url, pairs, credentials.header).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::provider::{Provider, Timeouts};
    use super::*;
    use crate::clock::Clock;
    use crate::protocol::client_auth::ClientAuth;
    use crate::protocol::testing;
    use crate::protocol::token_endpoint::TokenError;
    use crate::types::{CodeVerifier, Token};
    use http::header::{AUTHORIZATION, CONTENT_TYPE};
    use http::{HeaderMap, StatusCode, Uri};
    use secrecy::SecretString;
    use serde_json::{Value, json};
    use std::sync::{Arc, Mutex};
    use url::form_urlencoded;

    const BOTH: [&str; 2] = ["client_secret_basic", "client_secret_post"];

    /// A provider that takes one way alone, and what it was asked: the path, and the way.
    struct Story {
        issuer: String,
        asked: Arc<Mutex<Vec<(String, &'static str)>>>,
        /// What it takes, and what it answers to the other way.
        takes: Arc<Mutex<(&'static str, u16, &'static str)>>,
        /// What it answers after its next refusal, once.
        then: Arc<Mutex<(bool, Option<u16>)>>,
    }

    impl Story {
        async fn new(offers: Value, takes: &'static str, status: u16, body: &'static str) -> Self {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let issuer = format!("http://{}", listener.local_addr().unwrap());
            let asked = Arc::<Mutex<Vec<_>>>::default();
            let takes = Arc::new(Mutex::new((takes, status, body)));
            let (here, log, taken) = (issuer.clone(), Arc::clone(&asked), Arc::clone(&takes));
            let then = Arc::<Mutex<(bool, Option<u16>)>>::default();
            let later = Arc::clone(&then);
            let answer = async move |uri: Uri, headers: HeaderMap, form: String| {
                let json = [(CONTENT_TYPE, "application/json")];
                let path = uri.path();
                if path == "/.well-known/openid-configuration" {
                    let mut document = json!({
                        "issuer": here,
                        "authorization_endpoint": format!("{here}/authorize"),
                        "token_endpoint": format!("{here}/token"),
                        "introspection_endpoint": format!("{here}/introspect"),
                        "revocation_endpoint": format!("{here}/revoke"),
                        "jwks_uri": format!("{here}/jwks"),
                    });
                    if !offers.is_null() {
                        document["token_endpoint_auth_methods_supported"] = offers.clone();
                    }
                    return (StatusCode::OK, json, document.to_string());
                }
                let form: Vec<_> = form_urlencoded::parse(form.as_bytes()).collect();
                let has = |name| form.iter().any(|(key, _)| key == name);
                let way = match (headers.contains_key(AUTHORIZATION), has("client_secret")) {
                    (true, false) if !has("client_id") => "basic",
                    (false, true) if has("client_id") => "post",
                    (false, false) if has("client_id") => "public",
                    _ => "wrong",
                };
                log.lock().unwrap().push((path.to_owned(), way));
                let (takes, mut status, body) = *taken.lock().unwrap();
                let mut later = later.lock().unwrap();
                match &mut *later {
                    (true, then) => status = then.take().unwrap_or(status),
                    (is_refused, Some(_)) => *is_refused = true,
                    _ => {}
                }
                drop(later);
                if way != takes {
                    let status = StatusCode::from_u16(status).unwrap();
                    return (status, json, body.to_owned());
                }
                let answer = json!({"access_token": "a", "token_type": "Bearer", "active": true});
                (StatusCode::OK, json, answer.to_string())
            };
            let routes = axum::Router::new().fallback(answer);
            tokio::spawn(async move { axum::serve(listener, routes).await });
            Self {
                issuer,
                asked,
                takes,
                then,
            }
        }

        fn then(&self, status: u16) {
            *self.then.lock().unwrap() = (false, Some(status));
        }

        async fn provider(
            &self,
            change: impl FnOnce(&mut ClientRegistration),
        ) -> (Provider, Arc<Metadata>) {
            let mut client = testing::client("app", &self.issuer);
            change(&mut client);
            let clock = Clock::at(1_800_000_000);
            let provider = Provider::new(Arc::new(client), None, Timeouts::DEFAULT, clock);
            let provider = provider.unwrap();
            provider.start().await.unwrap();
            let metadata = provider.metadata().await.unwrap();
            (provider, metadata)
        }

        fn answers(&self, takes: &'static str, status: u16, body: &'static str) {
            *self.takes.lock().unwrap() = (takes, status, body);
        }

        /// Returns what was asked since the last time.
        fn asked(&self) -> Vec<(String, &'static str)> {
            core::mem::take(&mut *self.asked.lock().unwrap())
        }

        fn ways(&self) -> Vec<&'static str> {
            self.asked().into_iter().map(|(_, way)| way).collect()
        }
    }

    async fn exchange((provider, metadata): &(Provider, Arc<Metadata>)) -> Result<(), TokenError> {
        let verifier = CodeVerifier::new([0; 32]);
        let code = provider.exchange(metadata, "code", &verifier);
        code.await.map(drop)
    }

    const REFUSED: &str = r#"{"error":"invalid_client"}"#;

    #[tokio::test]
    async fn what_discovery_offers_is_asked_first() {
        for (offers, fixed_paths, way) in [
            (json!(null), false, "basic"),
            (json!(["client_secret_basic"]), false, "basic"),
            (json!(["client_secret_post"]), false, "post"),
            (json!(BOTH), false, "post"),
            (json!(["none"]), false, "basic"),
            (json!("client_secret_post"), false, "basic"),
            // AuthSafe's.
            (json!(null), true, "post"),
            (json!(["client_secret_basic"]), true, "post"),
        ] {
            let story = Story::new(offers.clone(), way, 401, REFUSED).await;
            let provider = story.provider(|it| it.has_fixed_paths = fixed_paths).await;
            exchange(&provider).await.unwrap();
            assert_eq!(story.ways(), [way], "{offers}");
        }
    }

    #[tokio::test]
    async fn a_way_that_is_refused_gives_way_to_the_other_which_is_remembered() {
        for (status, body) in [
            (401, REFUSED),
            (400, REFUSED),
            (400, r#"{"error":"unauthorized_client"}"#),
            (403, r#"{"error":"unauthorized_client"}"#),
            (401, ""),
            (401, "<html>"),
            (401, r#"{"statusCode":401,"message":"Unauthorized"}"#),
        ] {
            for (takes, first) in [("basic", "post"), ("post", "basic")] {
                let offers = match first {
                    "post" => json!(BOTH),
                    _ => json!(null),
                };
                let story = Story::new(offers, takes, status, body).await;
                let known = story.provider(|_| {}).await;
                exchange(&known).await.unwrap();
                assert_eq!(story.ways(), [first, takes], "{status} {body}");
                let (provider, metadata) = &known;
                let token = Token::new("t");
                provider.refresh(metadata, &token).await.ok().unwrap();
                provider.introspect(metadata, "t").await.unwrap().unwrap();
                provider.revoke(&token).await;
                let once = |path: &str| (path.to_owned(), takes);
                let expected = [once("/token"), once("/introspect"), once("/revoke")];
                assert_eq!(story.asked(), expected);
            }
        }
    }

    #[tokio::test]
    async fn introspection_and_revocation_find_the_way_too() {
        for (takes, offers) in [("basic", json!(BOTH)), ("post", json!(null))] {
            let story = Story::new(offers.clone(), takes, 401, REFUSED).await;
            let (provider, metadata) = story.provider(|_| {}).await;
            provider.introspect(&metadata, "t").await.unwrap().unwrap();
            assert_eq!(story.ways().len(), 2);
            let (provider, _) = story.provider(|_| {}).await;
            provider.revoke(&Token::new("t")).await;
            assert_eq!(story.ways().last(), Some(&takes));
            provider.revoke(&Token::new("t")).await;
            assert_eq!(story.ways(), [takes]);
        }
    }

    #[tokio::test]
    async fn what_is_written_is_the_only_way() {
        for (written, way, other) in [
            (ClientAuth::Basic, "basic", "post"),
            (ClientAuth::Post, "post", "basic"),
        ] {
            for offers in [json!(null), json!(BOTH), json!(["client_secret_post"])] {
                let story = Story::new(offers, other, 401, REFUSED).await;
                for fixed_paths in [false, true] {
                    let known = story.provider(|it| {
                        it.client_auth = written;
                        it.has_fixed_paths = fixed_paths;
                    });
                    let known = known.await;
                    let refused = exchange(&known).await.unwrap_err();
                    assert!(matches!(refused, TokenError::Refused(it) if it.is_of_client()));
                    assert_eq!(story.ways(), [way]);
                    known.0.revoke(&Token::new("t")).await;
                    assert_eq!(story.ways(), [way]);
                }
            }
        }
    }

    #[tokio::test]
    async fn a_public_client_has_one_way() {
        for written in [ClientAuth::Auto, ClientAuth::Basic, ClientAuth::Post] {
            let story = Story::new(json!(BOTH), "nobody", 401, REFUSED).await;
            let known = story.provider(|it| {
                it.client_auth = written;
                it.secret = None;
            });
            exchange(&known.await).await.unwrap_err();
            assert_eq!(story.ways(), ["public"]);
        }
    }

    #[tokio::test]
    async fn another_refusal_is_not_asked_for_twice() {
        for (status, body) in [
            (400, r#"{"error":"invalid_grant"}"#),
            (401, r#"{"error":"invalid_grant"}"#),
            (400, r#"{"error":"invalid_request"}"#),
            (400, ""),
            (403, ""),
            (404, ""),
            (429, REFUSED),
            (500, REFUSED),
            (503, ""),
        ] {
            let story = Story::new(json!(BOTH), "nobody", status, body).await;
            exchange(&story.provider(|_| {}).await).await.unwrap_err();
            assert_eq!(story.ways(), ["post"], "{status} {body}");
        }
    }

    #[tokio::test]
    async fn where_both_are_refused_the_first_answer_counts_and_nothing_is_remembered() {
        let story = Story::new(json!(BOTH), "nobody", 401, REFUSED).await;
        let known = story.provider(|_| {}).await;
        let refused = exchange(&known).await.unwrap_err();
        assert!(matches!(refused, TokenError::Refused(it) if it.is_of_client()));
        assert!(known.0.refuses_us());
        assert_eq!(story.ways(), ["post", "basic"]);
        // A wrong secret is not sent at every refresh.
        let token = Token::new("t");
        assert!(known.0.refresh(&known.1, &token).await.is_err());
        assert!(story.ways().is_empty());
        story.answers("post", 401, REFUSED);
        exchange(&known).await.unwrap();
        assert_eq!(story.ways(), ["post"]);
    }

    #[tokio::test]
    async fn a_client_that_is_registered_anew_is_known_again() {
        let story = Story::new(json!(BOTH), "post", 401, REFUSED).await;
        let known = story.provider(|_| {}).await;
        exchange(&known).await.unwrap();
        story.answers("basic", 403, r#"{"error":"unauthorized_client"}"#);
        exchange(&known).await.unwrap();
        exchange(&known).await.unwrap();
        assert_eq!(story.ways(), ["post", "post", "basic", "basic"]);
    }

    #[tokio::test]
    async fn a_bare_401_is_of_the_client_where_it_was_never_taken_and_of_a_token_else() {
        let story = Story::new(json!(BOTH), "nobody", 401, "").await;
        let known = story.provider(|_| {}).await;
        let refused = exchange(&known).await.unwrap_err();
        assert!(matches!(refused, TokenError::Refused(it) if it.is_of_client()));
        assert!(known.0.refuses_us());
        story.answers("post", 401, "");
        exchange(&known).await.unwrap();
        story.answers("nobody", 401, "");
        let refused = exchange(&known).await.unwrap_err();
        assert!(matches!(refused, TokenError::InvalidGrant(_)));
        assert!(!known.0.refuses_us());
        story.asked();
        // It knows the client anew.
        story.answers("basic", 401, "");
        exchange(&known).await.unwrap();
        exchange(&known).await.unwrap();
        assert_eq!(story.ways(), ["post", "basic", "basic"]);
    }

    #[tokio::test]
    async fn a_second_answer_that_never_came_is_no_refusal() {
        for status in [429, 500, 503] {
            let story = Story::new(json!(BOTH), "nobody", 401, REFUSED).await;
            let known = story.provider(|_| {}).await;
            story.then(status);
            let failed = exchange(&known).await.unwrap_err();
            assert!(matches!(failed, TokenError::Transport(_)), "{status}");
            assert!(!known.0.refuses_us());
        }
    }

    #[tokio::test]
    async fn each_endpoint_may_ask_in_its_own_way() {
        let story = Story::new(json!(BOTH), "post", 401, REFUSED).await;
        let (provider, metadata) = story.provider(|_| {}).await;
        let known = (provider, metadata);
        exchange(&known).await.unwrap();
        let introspect = async || known.0.introspect(&known.1, "t").await.unwrap().unwrap();
        story.answers("basic", 401, REFUSED);
        introspect().await;
        assert_eq!(story.ways(), ["post", "post", "basic"]);
        introspect().await;
        story.answers("post", 401, REFUSED);
        exchange(&known).await.unwrap();
        assert_eq!(story.ways(), ["basic", "post"]);
    }

    #[tokio::test]
    async fn authsafes_own_server_is_asked_in_one_way() {
        let story = Story::new(json!(null), "nobody", 401, "").await;
        let known = story.provider(|it| it.has_fixed_paths = true).await;
        let refused = exchange(&known).await.unwrap_err();
        assert!(matches!(refused, TokenError::InvalidGrant(_)));
        assert_eq!(story.ways(), ["post"]);
    }

    #[tokio::test]
    async fn what_is_sent_is_known_in_each_way_that_it_is_sent() {
        let story = Story::new(json!(BOTH), "post", 401, "").await;
        let (provider, _) = story.provider(|_| {}).await;
        let in_header = base64_simd::STANDARD.encode_to_string("app:secret%20of%20app");
        assert_eq!(
            provider.sent(&[("code", "c")]),
            [
                ("code", "c"),
                ("client_secret", "secret of app"),
                ("client_secret", &in_header),
            ]
        );
    }

    #[tokio::test]
    async fn a_revocation_proves_no_way() {
        let story = Story::new(json!(BOTH), "post", 401, "").await;
        let known = story.provider(|_| {}).await;
        known.0.revoke(&Token::new("t")).await;
        story.answers("basic", 401, "");
        exchange(&known).await.unwrap();
        assert_eq!(story.ways(), ["post", "post", "basic"]);
    }

    #[tokio::test]
    async fn a_secret_of_any_letters_goes_both_ways() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let here = issuer.clone();
        let answer = async move |uri: Uri, headers: HeaderMap, form: String| {
            let json = [(CONTENT_TYPE, "application/json")];
            if uri.path().starts_with("/.well-known") {
                let document = json!({
                    "issuer": here,
                    "authorization_endpoint": format!("{here}/authorize"),
                    "token_endpoint": format!("{here}/token"),
                    "jwks_uri": format!("{here}/jwks"),
                });
                return (json, document.to_string());
            }
            let form: Vec<_> = form_urlencoded::parse(form.as_bytes()).collect();
            let told = match headers.get(AUTHORIZATION) {
                Some(header) => {
                    let pair = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
                    let pair = base64_simd::STANDARD.decode_to_vec(pair).unwrap();
                    let pair = String::from_utf8(pair).unwrap();
                    let (id, secret) = pair.split_once(':').unwrap();
                    let decode = |text: &str| {
                        let text = format!("x={}", text.replace('&', "%26"));
                        let mut pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
                        pairs.next().unwrap().1
                    };
                    format!("{} {}", decode(id), decode(secret))
                }
                None => {
                    let value = |name| form.iter().find(|(key, _)| key == name).unwrap();
                    format!("{} {}", value("client_id").1, value("client_secret").1)
                }
            };
            let answer = json!({"access_token": told, "token_type": "Bearer"});
            (json, answer.to_string())
        };
        let routes = axum::Router::new().fallback(answer);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        for secret in [
            ":",
            "+",
            "%",
            "%41",
            " a b ",
            "äöüß €",
            "grün: 100 % + 1 & b=c/~!",
        ] {
            for method in [ClientAuth::Basic, ClientAuth::Post] {
                let mut client = testing::client("an:id ü", &issuer);
                client.secret = Some(SecretString::from(secret));
                client.client_auth = method;
                let clock = Clock::at(1_800_000_000);
                let provider = Provider::new(Arc::new(client), None, Timeouts::DEFAULT, clock);
                let provider = provider.unwrap();
                provider.start().await.unwrap();
                let metadata = provider.metadata().await.unwrap();
                let token = Token::new("t");
                let refreshed = provider.refresh(&metadata, &token);
                let told = refreshed.await.ok().unwrap().tokens.access;
                assert_eq!(told.expose_secret(), format!("an:id ü {secret}"));
            }
        }
    }
}
