use authsafe::{Session, require_scope};
use axum::{Router, response::Html, routing::get};

#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    landing(scope("admin") => "/admin", _ => "/"),
)]
pub mod auth {}

async fn home(session: Option<Session>) -> Html<&'static str> {
    Html(session.map_or("<a href=/api/auth/signin>Sign in</a>", |_| "Hello"))
}

async fn orders(session: Session) -> String {
    format!("The orders of {}", session.user().display_name())
}

#[require_scope("admin")]
async fn admin(session: Session) -> String {
    format!("Hello {}, you may do everything", session.user().display_name())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = auth::from_env().await?;
    let app = Router::new()
        .route("/", get(home))
        .route("/orders", get(orders))
        .route("/admin", get(admin))
        .merge(auth.router())
        .layer(auth.layer());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app).await?)
}
