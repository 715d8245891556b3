use std::collections::HashSet;

use axum::extract::{FromRef, FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Redirect;
use axum::{Router, routing::get, routing::post};
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar, SameSite};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse as _,
};
use serde::{Deserialize, Serialize};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

#[derive(Clone)]
struct App {
    client: Client,
    http: reqwest::Client,
    key: Key,
}

impl FromRef<App> for Key {
    fn from_ref(app: &App) -> Self {
        app.key.clone()
    }
}

#[derive(Serialize, Deserialize)]
struct SignIn {
    state: String,
    nonce: String,
    verifier: String,
}

#[derive(Serialize, Deserialize)]
struct Session {
    user: String,
    scopes: HashSet<String>,
    access_token: String,
}

impl FromRequestParts<App> for Session {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Redirect> {
        let jar = PrivateCookieJar::<Key>::from_request_parts(parts, app).await;
        let session = jar.ok().and_then(|jar| read(&jar, "session"));
        session.ok_or_else(|| Redirect::to("/signin"))
    }
}

fn read<T: serde::de::DeserializeOwned>(jar: &PrivateCookieJar, name: &str) -> Option<T> {
    serde_json::from_str(jar.get(name)?.value()).ok()
}

fn cookie(name: &'static str, value: &impl Serialize) -> Cookie<'static> {
    let value = serde_json::to_string(value).unwrap();
    Cookie::build((name, value)).http_only(true).same_site(SameSite::Lax).path("/").build()
}

async fn sign_in(State(app): State<App>, jar: PrivateCookieJar) -> (PrivateCookieJar, Redirect) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let mut request = app.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
    for scope in ["profile", "email", "offline_access", "admin"] {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
    let kept = SignIn {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
    };
    (jar.add(cookie("signin", &kept)), Redirect::to(url.as_str()))
}

#[derive(Deserialize)]
struct Answer {
    code: String,
    state: String,
}

async fn callback(
    State(app): State<App>,
    jar: PrivateCookieJar,
    Query(answer): Query<Answer>,
) -> Result<(PrivateCookieJar, Redirect), StatusCode> {
    let kept: SignIn = read(&jar, "signin").ok_or(StatusCode::BAD_REQUEST)?;
    if kept.state != answer.state {
        return Err(StatusCode::BAD_REQUEST);
    }
    let request = app.client.exchange_code(AuthorizationCode::new(answer.code));
    let tokens = request
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .set_pkce_verifier(PkceCodeVerifier::new(kept.verifier))
        .request_async(&app.http)
        .await
        .map_err(|_| StatusCode::BAD_GATEWAY)?;
    let id_token = tokens.id_token().ok_or(StatusCode::BAD_GATEWAY)?;
    let claims = id_token
        .claims(&app.client.id_token_verifier(), &Nonce::new(kept.nonce))
        .map_err(|_| StatusCode::UNAUTHORIZED)?;
    let scopes = tokens.scopes().into_iter().flatten();
    let session = Session {
        user: claims.subject().to_string(),
        scopes: scopes.map(|it| it.to_string()).collect(),
        access_token: tokens.access_token().secret().clone(),
    };
    let jar = jar.remove(Cookie::from("signin")).add(cookie("session", &session));
    Ok((jar, Redirect::to("/")))
}

async fn logout(jar: PrivateCookieJar) -> (PrivateCookieJar, Redirect) {
    (jar.remove(Cookie::from("session")), Redirect::to("/"))
}

async fn home(jar: PrivateCookieJar) -> &'static str {
    read::<Session>(&jar, "session").map_or("Sign in", |_| "Hello")
}

async fn orders(session: Session) -> String {
    format!("The orders of {}", session.user)
}

async fn admin(session: Session) -> Result<String, StatusCode> {
    match session.scopes.contains("admin") {
        true => Ok(format!("Hello {}, you may do everything", session.user)),
        false => Err(StatusCode::FORBIDDEN),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let var = |name: &str| std::env::var(name);
    let no_redirects = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().redirect(no_redirects).build()?;
    let issuer = IssuerUrl::new(var("ISSUER")?)?;
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await?;
    let secret = var("CLIENT_SECRET").ok().map(ClientSecret::new);
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(var("CLIENT_ID")?), secret)
        .set_redirect_uri(RedirectUrl::new("http://localhost:3000/callback".to_owned())?);
    let key = Key::from(var("COOKIE_SECRET")?.as_bytes());
    let app = Router::new()
        .route("/", get(home))
        .route("/signin", get(sign_in))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .route("/orders", get(orders))
        .route("/admin", get(admin))
        .with_state(App { client, http, key });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
