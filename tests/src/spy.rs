//! Between the app and the provider's token endpoint: hears what both say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use authsafe::dev::{Endpoint, LocalProvider};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::form_urlencoded;

/// One call of the token endpoint.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub request: HashMap<String, String>,
    pub answer: Value,
}

#[derive(Clone)]
pub struct Spy {
    heard: Arc<Mutex<Vec<Exchange>>>,
    token_endpoint: String,
}

impl Spy {
    /// Stands in for the token endpoint of an app that is started from now on.
    pub async fn on(provider: &LocalProvider) -> Self {
        let spy = Self {
            heard: Arc::default(),
            token_endpoint: format!("{}{}", provider.issuer(), Endpoint::Token.path()),
        };
        let router = Router::new().route("/token", post(pass_on));
        lure(provider, router.with_state(spy.clone())).await;
        spy
    }

    /// A token endpoint that redirects to the real one.
    pub async fn redirects(provider: &LocalProvider) {
        let real = format!("{}{}", provider.issuer(), Endpoint::Token.path());
        let redirect = async move || Redirect::temporary(&real);
        lure(provider, Router::new().route("/token", post(redirect))).await;
    }

    pub fn heard(&self) -> Vec<Exchange> {
        self.heard.lock().unwrap().clone()
    }
}

/// Serves `router`, and has discovery name its `/token`.
async fn lure(provider: &LocalProvider, router: Router) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    provider.tamper_discovery(move |document| {
        document.insert("token_endpoint".to_owned(), json!(url));
    });
}

async fn pass_on(State(spy): State<Spy>, body: Bytes) -> impl IntoResponse {
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = request.post(&spy.token_endpoint).body(body.clone());
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let response = request.send().await.unwrap();
    let status = response.status();
    let answer = response.text().await.unwrap();
    spy.heard.lock().unwrap().push(Exchange {
        request: form_urlencoded::parse(&body).into_owned().collect(),
        answer: serde_json::from_str(&answer).unwrap(),
    });
    (status, [(CONTENT_TYPE, "application/json")], answer)
}
