use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get, routing::post};
use axum_login::{
    AuthManagerLayerBuilder, AuthUser, AuthnBackend, AuthzBackend, login_required,
    permission_required,
};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _, TokenUrl,
};
use serde::Deserialize;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;
type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Clone, Deserialize)]
struct User {
    sub: String,
    name: Option<String>,
    #[serde(skip)]
    access_token: String,
    #[serde(skip)]
    scopes: HashSet<String>,
}

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.sub.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        self.access_token.as_bytes()
    }
}

#[derive(Clone)]
struct Backend {
    client: Client,
    http: reqwest::Client,
    userinfo: String,
    users: Arc<Mutex<HashMap<String, User>>>,
}

#[derive(Clone)]
struct Credentials {
    code: String,
    verifier: String,
}

#[derive(Debug)]
struct Failed(Error);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = Credentials;
    type Error = Failed;

    async fn authenticate(&self, credentials: Credentials) -> Result<Option<User>, Failed> {
        let token = self
            .client
            .exchange_code(AuthorizationCode::new(credentials.code))
            .set_pkce_verifier(PkceCodeVerifier::new(credentials.verifier))
            .request_async(&self.http)
            .await
            .map_err(|it| Failed(it.into()))?;
        let userinfo = self.http.get(&self.userinfo).bearer_auth(token.access_token().secret());
        let answer = userinfo.send().await.map_err(|it| Failed(it.into()))?;
        let mut user: User = answer.json().await.map_err(|it| Failed(it.into()))?;
        user.access_token = token.access_token().secret().clone();
        let scopes = token.scopes().into_iter().flatten();
        user.scopes = scopes.map(|it| it.to_string()).collect();
        self.users.lock().unwrap().insert(user.sub.clone(), user.clone());
        Ok(Some(user))
    }

    async fn get_user(&self, id: &String) -> Result<Option<User>, Failed> {
        Ok(self.users.lock().unwrap().get(id).cloned())
    }
}

impl AuthzBackend for Backend {
    type Permission = String;

    async fn get_user_permissions(&self, user: &User) -> Result<HashSet<String>, Failed> {
        Ok(user.scopes.clone())
    }
}

type AuthSession = axum_login::AuthSession<Backend>;

async fn sign_in(State(backend): State<Backend>, session: Session) -> Result<Redirect, StatusCode> {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = backend
        .client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(["openid", "profile", "email", "offline_access", "admin"].map(|it| Scope::new(it.into())))
        .set_pkce_challenge(challenge)
        .url();
    let kept = (state.secret(), verifier.secret());
    session.insert("sign_in", kept).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Redirect::to(url.as_str()))
}

#[derive(Deserialize)]
struct Answer {
    code: String,
    state: String,
}

async fn callback(mut auth: AuthSession, session: Session, Query(answer): Query<Answer>) -> Response {
    let kept = session.remove::<(String, String)>("sign_in").await.ok().flatten();
    let Some((state, verifier)) = kept.filter(|it| it.0 == answer.state) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let code = answer.code;
    let _ = state;
    match auth.authenticate(Credentials { code, verifier }).await {
        Ok(Some(user)) if auth.login(&user).await.is_ok() => Redirect::to("/").into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn logout(mut auth: AuthSession) -> Redirect {
    let _ = auth.logout().await;
    Redirect::to("/")
}

async fn home(auth: AuthSession) -> &'static str {
    auth.user.map_or("Sign in", |_| "Hello")
}

async fn orders(auth: AuthSession) -> String {
    format!("The orders of {}", auth.user.and_then(|it| it.name).unwrap_or_default())
}

async fn admin(auth: AuthSession) -> String {
    format!("Hello {}, you may do everything", auth.user.and_then(|it| it.name).unwrap_or_default())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let var = |name: &str| std::env::var(name);
    let backend = Backend {
        client: BasicClient::new(ClientId::new(var("CLIENT_ID")?))
            .set_client_secret(ClientSecret::new(var("CLIENT_SECRET")?))
            .set_auth_uri(AuthUrl::new(var("AUTHORIZATION_ENDPOINT")?)?)
            .set_token_uri(TokenUrl::new(var("TOKEN_ENDPOINT")?)?)
            .set_redirect_uri(RedirectUrl::new(var("REDIRECT_URI")?)?),
        http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?,
        userinfo: var("USERINFO_ENDPOINT")?,
        users: Arc::default(),
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let app = Router::new()
        .route("/admin", get(admin))
        .route_layer(permission_required!(Backend, login_url = "/signin", "admin".to_owned()))
        .route("/orders", get(orders))
        .route_layer(login_required!(Backend, login_url = "/signin"))
        .route("/", get(home))
        .route("/signin", get(sign_in))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .with_state(backend.clone())
        .layer(AuthManagerLayerBuilder::new(backend, sessions).build());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
