//! A gRPC service on tonic, for clients with access tokens: `cargo run --bin grpc`.
//!
//! A refusal is a status of gRPC: `UNAUTHENTICATED` without a good token, `PERMISSION_DENIED` where it grants too little.

#![allow(clippy::print_stdout, unreachable_pub)]

#[allow(dead_code)]
#[path = "../quickstart/settings.rs"]
mod settings;

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use authsafe::{Policy, Session};
use http::header::WWW_AUTHENTICATE;
use http_body_util::Full;
use settings::Settings;
use tonic::body::Body;
use tonic::metadata::MetadataMap;
use tonic::server::{Grpc, NamedService};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

/// Nobody signs in here: clients bring a token that the provider gave them for this audience.
#[authsafe::routes(
    scopes("openid", "admin"),
    client_secret = env("AUTHSAFE_CLIENT_SECRET", default = none),
    bearer(audience = env("API_AUDIENCE", default = "https://grpc.example.com")),
)]
pub mod auth {}

/// Returns who calls, if they may. A handler's first line.
async fn authorize<T>(request: &Request<T>, policy: Policy) -> Result<Session, Status> {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = http::Method::POST;
    parts.headers = request.metadata().clone().into_headers();
    parts.extensions = request.extensions().clone();
    let session = Session::authorize(&parts, policy).await;
    session.map_err(|refusal| status(&refusal))
}

/// A refusal as gRPC tells it. The challenge of RFC 6750 goes along, for clients that read it.
fn status(refusal: &authsafe::Response) -> Status {
    let (code, text) = match refusal.status().as_u16() {
        400 => (Code::InvalidArgument, "one token is expected"),
        401 => (Code::Unauthenticated, "a good access token is needed"),
        403 => (Code::PermissionDenied, "the access token grants too little"),
        429 => (Code::ResourceExhausted, "too many requests"),
        503 | 504 => (Code::Unavailable, "the access token cannot be checked now"),
        _ => (Code::Internal, "the access token was not checked"),
    };
    let challenges = refusal.headers().get_all(WWW_AUTHENTICATE);
    let challenges = challenges.iter().cloned().map(|it| (WWW_AUTHENTICATE, it));
    let metadata = MetadataMap::from_headers(challenges.collect());
    Status::with_metadata(code, text, metadata)
}

#[derive(Clone, PartialEq, prost::Message)]
struct Nothing {}

#[derive(Clone, PartialEq, prost::Message)]
struct Greeting {
    #[prost(string, tag = "1")]
    text: String,
}

async fn hello(request: Request<Nothing>) -> Result<Response<Greeting>, Status> {
    let session = authorize(&request, Policy::SignedIn).await?;
    let text = format!("Hello {}", session.user().id());
    Ok(Response::new(Greeting { text }))
}

async fn admin(request: Request<Nothing>) -> Result<Response<Greeting>, Status> {
    let session = authorize(&request, Policy::Scope(auth::scopes::ADMIN)).await?;
    let text = format!("Hello {}, you may do everything", session.user().id());
    Ok(Response::new(Greeting { text }))
}

/// What `tonic-build` would write of
/// `service Greeter { rpc Hello (Nothing) returns (Greeting); rpc Admin (Nothing) returns (Greeting); }`.
#[derive(Clone)]
struct Greeter;

impl NamedService for Greeter {
    const NAME: &'static str = "greeter.Greeter";
}

impl Service<http::Request<Body>> for Greeter {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let codec = ProstCodec::<Greeting, Nothing>::default();
        Box::pin(async move {
            let mut grpc = Grpc::new(codec);
            Ok(match request.uri().path() {
                "/greeter.Greeter/Hello" => grpc.unary(service_fn(hello), request).await,
                "/greeter.Greeter/Admin" => grpc.unary(service_fn(admin), request).await,
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    settings::log();
    let settings = Settings::read().await?;
    let auth = auth::from_vars(|name| settings.var(name)).await?;

    // Its first lines are true of this app as well; it has no pages.
    for line in settings.to_string().lines().take(4) {
        println!("{line}");
    }
    println!("\nCall greeter.Greeter/Hello with an access token. Ctrl-C stops it.");
    Server::builder()
        .layer(auth.layer().with_body(|bytes| Body::new(Full::new(bytes))))
        .add_service(Greeter)
        .serve_with_incoming(TcpIncoming::from(settings.listener))
        .await?;
    Ok(())
}
