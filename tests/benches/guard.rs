//! What a guard costs: one GET in process, through axum, with a session of real tokens.
//!
//! `cargo bench -p authsafe-tests --bench guard`

#![allow(clippy::expect_used)]

use core::pin::pin;
use core::task::{Context, Poll, Waker};

use authsafe::dev::{LocalProvider, User};
use authsafe::{Session, require_scope};
use aws_lc_rs::aead::{
    AES_256_GCM, AES_256_GCM_SIV, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey,
};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use divan::Bencher;
use http::header::{AUTHORIZATION, COOKIE, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use tokio::runtime::Runtime;
use tower_service::Service;

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = none,
    bearer(audience = "https://api.example.com")
)]
mod auth {}

fn main() {
    divan::main();
}

async fn open() -> &'static str {
    "ok"
}

#[require_scope("admin")]
async fn guarded() -> &'static str {
    "ok"
}

async fn with_session(session: Session) -> String {
    session.user().id().to_owned()
}

#[require_scope("admin")]
async fn guarded_with_session(session: Session) -> String {
    session.user().id().to_owned()
}

/// An app, the cookie of somebody who signed in to it, and an access token that it takes.
async fn signed_in() -> (Router, String, String) {
    let alice = User::new("alice")
        .name("Alice Admin")
        .email("alice@example.com")
        .scopes(["admin"])
        .roles(["admin"]);
    let provider = LocalProvider::builder()
        .user(alice)
        .client("app", None)
        .start()
        .await
        .expect("a provider");
    let issuer = provider.issuer().to_owned();
    let auth = auth::from_vars(move |name| match name {
        "AUTHSAFE_DOMAIN" => Some(issuer.clone()),
        "AUTHSAFE_CLIENT_ID" => Some("app".to_owned()),
        "AUTHSAFE_COOKIE_SECRET" => Some("8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A".to_owned()),
        "APP_URL" => Some("http://localhost:3000".to_owned()),
        _ => None,
    })
    .await
    .expect("sign-in");

    let start = auth.sign_in(&parts("/api/auth/signin", "")).await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let authorize = format!("{}&user=alice", text(&start, LOCATION));
    let back = client.get(authorize).send().await.expect("an answer");
    let back = back.headers()[LOCATION].to_str().expect("a URL").to_owned();
    let done = auth.callback(&parts(&back, &pairs(&start))).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);

    let app = Router::new()
        .route("/open", get(open))
        .route("/guarded", get(guarded))
        .route("/session", get(with_session))
        .route("/both", get(guarded_with_session))
        .layer(auth.layer());
    let token = provider.access_token("alice", "https://api.example.com", &["admin"]);
    let token = format!("Bearer {}", token.expect("a token"));
    // Once, while there is a provider: from then on it is known.
    let request = Request::get("/guarded").header(AUTHORIZATION, &token);
    let request = request.body(Body::empty()).expect("a request");
    let answer = app.clone().call(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    (app, pairs(&done), token)
}

fn parts(uri: &str, cookie: &str) -> http::request::Parts {
    let request = Request::get(uri).header(COOKIE, cookie).body(());
    request.expect("a request").into_parts().0
}

fn text(response: &authsafe::Response, name: http::HeaderName) -> String {
    response.headers()[name].to_str().expect("text").to_owned()
}

/// The cookies that a browser would send back.
fn pairs(response: &authsafe::Response) -> String {
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let pairs: Vec<&str> = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .filter(|pair| !pair.ends_with('='))
        .collect();
    pairs.join("; ")
}

/// The answer of handlers that wait for nothing.
fn now<T, E: core::fmt::Debug>(future: impl Future<Output = Result<T, E>>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.expect("an answer"),
        Poll::Pending => unreachable!("no handler here waits"),
    }
}

/// What a request shows.
#[derive(Clone, Copy)]
enum By {
    Cookie,
    Token,
}

fn bench(bencher: Bencher<'_, '_>, path: &str, by: By) {
    let runtime = Runtime::new().expect("a runtime");
    let (app, cookie, token) = runtime.block_on(signed_in());
    bencher
        .with_inputs(|| {
            let request = match by {
                By::Cookie => Request::get(path).header(COOKIE, cookie.as_str()),
                By::Token => Request::get(path).header(AUTHORIZATION, token.as_str()),
            };
            (app.clone(), request.body(Body::empty()).expect("a request"))
        })
        .bench_values(|(mut app, request)| {
            let response = now(app.call(request));
            assert_eq!(response.status(), StatusCode::OK);
            response
        });
}

#[divan::bench(sample_count = 500, sample_size = 100)]
fn bare_axum(bencher: Bencher<'_, '_>) {
    let app = Router::new().route("/open", get(open));
    bencher
        .with_inputs(|| {
            let request = Request::get("/open").body(Body::empty());
            (app.clone(), request.expect("a request"))
        })
        .bench_values(|(mut app, request)| now(app.call(request)));
}

/// Opening as many bytes as an identity has, and nothing else: what no sealed cookie can be under.
#[divan::bench(sample_count = 500, sample_size = 100, args = [&AES_256_GCM_SIV, &AES_256_GCM])]
fn aead_alone(bencher: Bencher<'_, '_>, algorithm: &'static Algorithm) {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &[7; 32]).expect("a key"));
    let nonce = || Nonce::assume_unique_for_key([1; 12]);
    let mut sealed = vec![b'x'; 250];
    key.seal_in_place_append_tag(nonce(), Aad::from("authsafe"), &mut sealed)
        .expect("sealed");
    bencher
        .with_inputs(|| sealed.clone())
        .bench_values(|mut sealed| {
            let opened = key.open_in_place(nonce(), Aad::from("authsafe"), &mut sealed);
            opened.map(|opened| opened.len()).expect("opened")
        });
}

#[divan::bench(sample_count = 500, sample_size = 100)]
fn layer_alone(bencher: Bencher<'_, '_>) {
    bench(bencher, "/open", By::Cookie);
}

#[divan::bench(sample_count = 500, sample_size = 100)]
fn guard(bencher: Bencher<'_, '_>) {
    bench(bencher, "/guarded", By::Cookie);
}

/// A bearer token that was verified before.
#[divan::bench(sample_count = 500, sample_size = 100)]
fn guard_of_a_bearer(bencher: Bencher<'_, '_>) {
    bench(bencher, "/guarded", By::Token);
}

#[divan::bench(sample_count = 500, sample_size = 100)]
fn session(bencher: Bencher<'_, '_>) {
    bench(bencher, "/session", By::Cookie);
}

#[divan::bench(sample_count = 500, sample_size = 100)]
fn guard_and_session(bencher: Bencher<'_, '_>) {
    bench(bencher, "/both", By::Cookie);
}
