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
use url::form_urlencoded;

use crate::serve;

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
    pub fn on(provider: &LocalProvider) -> Self {
        let spy = Self {
            heard: Arc::default(),
            token_endpoint: format!("{}{}", provider.issuer(), Endpoint::Token.path()),
        };
        let router = Router::new().route("/token", post(pass_on));
        lure(provider, router.with_state(spy.clone()));
        spy
    }

    /// A token endpoint that redirects to the real one.
    pub fn redirects(provider: &LocalProvider) {
        let real = format!("{}{}", provider.issuer(), Endpoint::Token.path());
        let redirect = async move || Redirect::temporary(&real);
        lure(provider, Router::new().route("/token", post(redirect)));
    }

    pub fn heard(&self) -> Vec<Exchange> {
        self.heard.lock().unwrap().clone()
    }
}

/// Serves `router`, and has discovery name its `/token`.
fn lure(provider: &LocalProvider, router: Router) {
    let url = format!("{}/token", serve(router));
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
