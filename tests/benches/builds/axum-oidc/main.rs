use axum::error_handling::HandleErrorLayer;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse as _;
use axum::{Router, routing::get};
use axum_oidc::error::MiddlewareError;
use axum_oidc::{
    EmptyAdditionalClaims, OidcAuthLayer, OidcClaims, OidcClient, OidcLoginLayer,
    OidcRpInitiatedLogout,
};
use tower::ServiceBuilder;
use tower_sessions::cookie::SameSite;
use tower_sessions::{MemoryStore, SessionManagerLayer};

type Claims = OidcClaims<EmptyAdditionalClaims>;

async fn home(claims: Option<Claims>) -> &'static str {
    claims.map_or("Sign in", |_| "Hello")
}

async fn orders(claims: Claims) -> String {
    format!("The orders of {}", claims.subject().as_str())
}

async fn admin(claims: Claims) -> Result<String, StatusCode> {
    // Scopes are not among its claims: by a list of people.
    let admins = std::env::var("ADMINS").unwrap_or_default();
    match admins.split(' ').any(|it| it == claims.subject().as_str()) {
        true => Ok(format!("Hello {}, you may do everything", claims.subject().as_str())),
        false => Err(StatusCode::FORBIDDEN),
    }
}

async fn logout(logout: OidcRpInitiatedLogout) -> impl axum::response::IntoResponse {
    logout.with_post_logout_redirect(Uri::from_static("http://localhost:3000"))
}

async fn failed(error: MiddlewareError) -> axum::response::Response {
    error.into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let var = |name: &str| std::env::var(name);
    let scopes = ["openid", "profile", "email", "offline_access", "admin"];
    let client = OidcClient::<EmptyAdditionalClaims>::discover_new(
        Uri::from_static("http://localhost:3000"),
        var("ISSUER")?,
        var("CLIENT_ID")?,
        var("CLIENT_SECRET").ok(),
        scopes.map(str::to_owned).to_vec(),
    )
    .await?;
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_same_site(SameSite::Lax);
    let signed_in = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(failed))
        .layer(OidcLoginLayer::<EmptyAdditionalClaims>::new());
    let known = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(failed))
        .layer(OidcAuthLayer::new(client));
    let app = Router::new()
        .route("/orders", get(orders))
        .route("/admin", get(admin))
        .route("/logout", get(logout))
        .layer(signed_in)
        .route("/", get(home))
        .layer(known)
        .layer(sessions);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
