//! How the provider is called: over TLS that is checked, and not for longer than 5 seconds.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use authsafe::__private::{SpecParts, parts, spec};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use authsafe::dev::Endpoint;
use authsafe::{Auth, Spec, StartError};
use authsafe_tests::{COOKIE_SECRET, Stage, auth};
use http::Request;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A provider on https with a certificate of its own, which serves its discovery document.
struct OverTls {
    issuer: String,
    /// The certificate, as a PEM file.
    certificate: PathBuf,
    server: JoinHandle<()>,
}

impl Drop for OverTls {
    fn drop(&mut self) {
        self.server.abort();
        let _ = fs::remove_file(&self.certificate);
    }
}

async fn over_tls() -> OverTls {
    over_tls_with(|_| {}).await
}

/// [`over_tls`] with another document.
async fn over_tls_with(change: impl FnOnce(&mut Value)) -> OverTls {
    let names = vec!["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let issuer = format!("https://localhost:{port}");
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/over-tls"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
    });
    change(&mut document);
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let body = document.to_string();
            // One who does not trust the certificate goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 4096]).await;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let certificate = std::env::temp_dir().join(format!("authsafe-{port}.pem"));
    fs::write(&certificate, cert.pem()).unwrap();
    OverTls {
        issuer,
        certificate,
        server,
    }
}

/// Where a sign-in goes, or with which status it does not start.
async fn sign_in(spec: &'static Spec, provider: &OverTls) -> Result<String, u16> {
    let auth = start(spec, provider).await.unwrap();
    let request = Request::get("/api/auth/signin").body(()).unwrap();
    let answer = auth.sign_in(&request.into_parts().0).await;
    match answer.headers().get(http::header::LOCATION) {
        Some(location) => Ok(location.to_str().unwrap().to_owned()),
        None => Err(answer.status().as_u16()),
    }
}

async fn start(spec: &'static Spec, provider: &OverTls) -> Result<Auth, StartError> {
    let certificate = provider.certificate.to_str().unwrap().to_owned();
    let issuer = provider.issuer.clone();
    let lookup = move |name: &str| match name {
        "AUTHSAFE_DOMAIN" => Some(issuer.clone()),
        "AUTHSAFE_CLIENT_ID" => Some("app".to_owned()),
        "AUTHSAFE_CLIENT_SECRET" => Some("secret of the client".to_owned()),
        "AUTHSAFE_COOKIE_SECRET" => Some(COOKIE_SECRET.to_owned()),
        "APP_URL" => Some("http://localhost:3000".to_owned()),
        "CA_FILE" => Some(certificate.clone()),
        _ => None,
    };
    authsafe::__private::from_vars(spec, lookup).await
}

static WITH_CA_FILE: Spec = spec(SpecParts {
    ca_file: Some(authsafe::__private::Setting::Env {
        name: "CA_FILE",
        default: None,
    }),
    ..*parts(auth::SPEC)
});

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let provider = over_tls().await;
    assert_eq!(sign_in(auth::SPEC, &provider).await, Err(503));
}

#[tokio::test]
async fn the_certificate_of_ca_file_is_trusted() {
    let provider = over_tls().await;
    let location = sign_in(&WITH_CA_FILE, &provider).await.unwrap();
    assert!(location.contains("/over-tls?"), "{location}");
}

#[tokio::test]
async fn an_https_issuer_that_names_an_endpoint_on_the_loopbacks_http_stops_the_start() {
    for (field, name) in [
        ("token_endpoint", "token endpoint"),
        ("revocation_endpoint", "revocation endpoint"),
        ("introspection_endpoint", "introspection endpoint"),
    ] {
        let plain = "http://127.0.0.1:9/plain";
        let provider = over_tls_with(|document| document[field] = json!(plain)).await;
        let error = start(&WITH_CA_FILE, &provider).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("its {name} is `{plain}`")), "{text}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_given_up_after_five_seconds() {
    let stage = Stage::new().await;
    let mut browser = stage.browser();
    let started = browser.start(None).await;
    let back = browser.choose("alice", &started).await;
    let a_minute = Duration::from_secs(60);
    stage.provider.delay(Endpoint::Token, a_minute);
    let before = Instant::now();
    let answer = browser.open(back.location()).await;
    answer.refuses(
        504,
        "provider_timeout",
        "Identity provider did not answer in time",
    );
    let waited = before.elapsed();
    assert!((4..15).contains(&waited.as_secs()), "{waited:?}");
}
