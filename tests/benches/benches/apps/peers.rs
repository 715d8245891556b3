//! The same app by other means.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use authsafe_benches::Case;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::routing::get;
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar};
use axum_login::{
    AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, AuthzBackend, permission_required,
};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{Request, StatusCode};
use jsonwebtoken::{DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use tower::ServiceExt as _;
use tower_layer::Layer;
use tower_service::Service;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use super::axum::{By, case, open};

/// A layer that does nothing.
#[derive(Clone, Copy)]
pub(crate) struct NoOp;

#[derive(Clone)]
pub(crate) struct NoOpService<S>(S);

impl<S> Layer<S> for NoOp {
    type Service = NoOpService<S>;

    fn layer(&self, inner: S) -> NoOpService<S> {
        NoOpService(inner)
    }
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for NoOpService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        cx: &mut core::task::Context<'_>,
    ) -> core::task::Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        self.0.call(request)
    }
}

/// The leanest sealed cookie: one header, one key, one scope compared where it lies.
pub(crate) struct Lean;

static LEAN_KEY: OnceLock<LessSafeKey> = OnceLock::new();

fn lean_key() -> &'static LessSafeKey {
    let key = || UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key");
    LEAN_KEY.get_or_init(|| LessSafeKey::new(key()))
}

/// Whether a `Cookie` header is that of an administrator.
pub(crate) fn is_lean_admin(cookie: &[u8]) -> bool {
    lean(cookie).is_some()
}

fn lean(cookie: &[u8]) -> Option<()> {
    let cookie = cookie.strip_prefix(b"lean=")?;
    let mut sealed = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(cookie).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(sealed.get(..12)?).ok()?;
    let text = lean_key()
        .open_in_place(nonce, Aad::from("lean"), sealed.get_mut(12..)?)
        .ok()?;
    let scopes = text.rsplit(|it| *it == b'\n').next()?;
    scopes
        .split(|it| *it == b' ')
        .any(|it| it == b"admin")
        .then_some(())
}

impl<S: Sync> FromRequestParts<S> for Lean {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let cookie = parts.headers.get(COOKIE);
        let is_admin = cookie.is_some_and(|it| is_lean_admin(it.as_bytes()));
        is_admin.then_some(Self).ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn guarded_lean(_: Lean) -> &'static str {
    "ok"
}

/// A cookie of as many bytes as ours has for a guard.
pub(crate) fn lean_cookie() -> String {
    let who = format!(
        "{}\nopenid profile email offline_access admin",
        "x".repeat(200)
    );
    let mut part = who.into_bytes();
    let nonce = Nonce::assume_unique_for_key([1; 12]);
    lean_key()
        .seal_in_place_append_tag(nonce, Aad::from("lean"), &mut part)
        .expect("sealed");
    let sealed = [&[1; 12][..], &part].concat();
    format!(
        "lean={}",
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(sealed)
    )
}

pub(crate) fn lean_app() -> Router {
    Router::new().route("/guard", get(guarded_lean))
}

#[derive(Debug, Clone)]
struct User(String);

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.0.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        b"hash"
    }
}

#[derive(Clone, Default)]
struct Backend(Arc<HashMap<String, User>>);

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, name: String) -> Result<Option<User>, Infallible> {
        Ok(self.0.get(&name).cloned())
    }

    async fn get_user(&self, name: &String) -> Result<Option<User>, Infallible> {
        Ok(self.0.get(name).cloned())
    }
}

impl AuthzBackend for Backend {
    type Permission = String;

    async fn get_user_permissions(&self, _: &User) -> Result<HashSet<String>, Infallible> {
        Ok(HashSet::from(["admin".to_owned()]))
    }
}

async fn log_in(mut session: AuthSession<Backend>) -> StatusCode {
    let user = session
        .authenticate("alice".to_owned())
        .await
        .expect("an answer");
    session
        .login(&user.expect("Alice"))
        .await
        .expect("signed in");
    StatusCode::OK
}

/// axum-login, with its sessions in memory, and a cookie of somebody who has signed in.
pub(crate) async fn axum_login() -> (Router, String) {
    let alice = ("alice".to_owned(), User("alice".to_owned()));
    let backend = Backend(Arc::new([alice].into()));
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let app = Router::new()
        .route("/guard", get(open))
        .route_layer(permission_required!(Backend, "admin"))
        .route("/login", get(log_in))
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build());
    let cookie = set_cookie(&app).await;
    (app, cookie)
}

#[derive(Clone)]
struct WithKey(Key);

impl FromRef<WithKey> for Key {
    fn from_ref(state: &WithKey) -> Self {
        state.0.clone()
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    user: String,
    email: String,
    scopes: Vec<String>,
}

async fn keep(jar: PrivateCookieJar) -> PrivateCookieJar {
    let kept = Kept {
        user: "alice".to_owned(),
        email: "alice@example.com".to_owned(),
        scopes: ["openid", "profile", "email", "offline_access", "admin"]
            .map(str::to_owned)
            .into(),
    };
    jar.add(Cookie::new(
        "session",
        serde_json::to_string(&kept).expect("JSON"),
    ))
}

async fn kept(jar: PrivateCookieJar) -> Result<&'static str, StatusCode> {
    let cookie = jar.get("session").ok_or(StatusCode::UNAUTHORIZED)?;
    let kept: Kept = serde_json::from_str(cookie.value()).map_err(|_| StatusCode::UNAUTHORIZED)?;
    let may = kept.scopes.iter().any(|it| it == "admin");
    may.then_some("ok").ok_or(StatusCode::FORBIDDEN)
}

/// A `PrivateCookieJar` with JSON in it, and its cookie.
pub(crate) async fn private_jar() -> (Router, String) {
    let app = Router::new()
        .route("/guard", get(kept))
        .route("/login", get(keep))
        .with_state(WithKey(Key::from(&[7; 64])));
    let cookie = set_cookie(&app).await;
    (app, cookie)
}

async fn set_cookie(app: &Router) -> String {
    let request = Request::get("/login")
        .body(Body::empty())
        .expect("a request");
    let answer = app.clone().oneshot(request).await.expect("an answer");
    let cookie = answer.headers()[SET_COOKIE].to_str().expect("text");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

#[derive(Deserialize)]
struct Claims {
    scope: String,
}

struct Checked {
    key: DecodingKey,
    validation: Validation,
}

async fn verified(
    State(checked): State<Arc<Checked>>,
    headers: http::HeaderMap,
) -> Result<&'static str, StatusCode> {
    let token = headers.get("authorization").and_then(|it| it.to_str().ok());
    let token = token
        .and_then(|it| it.strip_prefix("Bearer "))
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let claims = jsonwebtoken::decode::<Claims>(token, &checked.key, &checked.validation);
    let claims = claims.map_err(|_| StatusCode::UNAUTHORIZED)?.claims;
    let may = claims.scope.split(' ').any(|it| it == "admin");
    may.then_some("ok").ok_or(StatusCode::FORBIDDEN)
}

/// RS256 verified at each request, with the provider's key.
pub(crate) async fn rs256(world: &super::World) -> Router {
    let keys = world.client.get(format!("{}/auth/jwks", world.issuer()));
    let keys = match keys.send().await {
        Ok(answer) if answer.status().is_success() => answer.bytes().await.expect("keys"),
        _ => panic!("the provider's keys are elsewhere"),
    };
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(&keys).expect("keys");
    let key = keys
        .keys
        .iter()
        .find_map(|key| DecodingKey::from_jwk(key).ok());
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[super::AUDIENCE]);
    let key = key.expect("a key");
    Router::new()
        .route("/guard", get(verified))
        .with_state(Arc::new(Checked { key, validation }))
}

/// The peers of a guard on axum.
pub(crate) async fn cases<'r>(world: &super::World, shown: &'r Cookies) -> Vec<Case<'r>> {
    let (login, jar) = (shown.login.0.clone(), shown.jar.0.clone());
    vec![
        case(
            "a lean hand-written sealed cookie",
            lean_app(),
            "/guard",
            By::Cookie(&shown.lean),
        ),
        case(
            "axum-login, sessions in memory",
            login,
            "/guard",
            By::Cookie(&shown.login.1),
        ),
        case(
            "PrivateCookieJar and JSON",
            jar,
            "/guard",
            By::Cookie(&shown.jar.1),
        ),
        case(
            "RS256 at each request",
            rs256(world).await,
            "/guard",
            By::Token(&shown.token),
        ),
    ]
}

/// What the peers' browsers show.
pub(crate) struct Cookies {
    lean: String,
    login: (Router, String),
    jar: (Router, String),
    token: String,
}

impl Cookies {
    pub(crate) async fn new(world: &super::World) -> Self {
        Self {
            lean: lean_cookie(),
            login: axum_login().await,
            jar: private_jar().await,
            token: world.token(),
        }
    }
}
