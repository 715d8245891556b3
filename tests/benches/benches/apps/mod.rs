//! The apps that are compared: each guards one handler, and refuses whoever shows nothing.

#![allow(clippy::expect_used, missing_docs, dead_code)]

pub(crate) mod actix;
pub(crate) mod axum;
pub(crate) mod peers;
pub(crate) mod rules;

use authsafe::dev::{LocalProvider, User};
use authsafe::{Auth, StartError};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{Request, StatusCode};

pub(crate) const AUDIENCE: &str = "https://api.example.com";

/// The sign-in that most of the apps have.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = none
)]
pub(crate) mod auth {}

/// The same, whose sessions keep no token: their cookie is a sixth of the others'.
#[authsafe::routes(
    scopes("openid", "profile", "email", "admin"),
    client_secret = none,
    session(keep(id_token = false, access_token = false))
)]
pub(crate) mod without_tokens {}

/// The same, that also takes access tokens.
#[authsafe::routes(
    scopes("openid", "profile", "email", "offline_access", "admin"),
    client_secret = none,
    bearer(audience = "https://api.example.com")
)]
pub(crate) mod with_bearer {}

/// A provider, and Alice, who may do everything.
pub(crate) struct World {
    issuer: String,
    /// `None`: it is another process.
    provider: Option<LocalProvider>,
    client: reqwest::Client,
}

/// What a browser and a client of an API show.
#[derive(Clone)]
pub(crate) struct Shown {
    pub cookie: String,
    pub token: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let alice = User::new("alice")
            .name("Alice Admin")
            .email("alice@example.com")
            .scopes(["admin"])
            .roles(["admin"]);
        let builder = LocalProvider::builder().user(alice).client("app", None);
        let provider = builder.start().await.expect("a provider");
        let issuer = provider.issuer().to_owned();
        Self {
            provider: Some(provider),
            ..Self::elsewhere(issuer)
        }
    }

    /// One whose provider is another process.
    pub(crate) fn elsewhere(issuer: String) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            issuer,
            provider: None,
            client: client.build().expect("a client"),
        }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What an app's environment says.
    pub(crate) fn variables(
        &self,
        redis: Option<String>,
    ) -> impl Fn(&str) -> Option<String> + use<> {
        let issuer = self.issuer.clone();
        move |name: &str| match name {
            "AUTHSAFE_DOMAIN" => Some(issuer.clone()),
            "AUTHSAFE_CLIENT_ID" => Some("app".to_owned()),
            "AUTHSAFE_COOKIE_SECRET" => Some("8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A".to_owned()),
            "APP_URL" => Some("http://localhost:3000".to_owned()),
            "REDIS_URL" => redis.clone(),
            _ => None,
        }
    }

    /// Signs Alice in.
    pub(crate) async fn sign_in(&self, auth: &Auth) -> Shown {
        let start = auth.sign_in(&parts("/api/auth/signin", "")).await;
        let back = self.authorize(&text(&start, LOCATION)).await;
        let done = auth.callback(&parts(&back, &pairs(&start))).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        Shown {
            cookie: pairs(&done),
            token: self
                .provider
                .as_ref()
                .map_or(String::new(), |_| self.token()),
        }
    }

    /// Signs Alice in at the provider. Returns where it sends her.
    pub(crate) async fn authorize(&self, to: &str) -> String {
        let authorize = format!("{to}&user=alice");
        let back = self.client.get(authorize).send().await.expect("an answer");
        back.headers()[LOCATION].to_str().expect("a URL").to_owned()
    }

    /// Asks the provider for its metadata.
    pub(crate) async fn discovery(&self) -> usize {
        let url = format!("{}/.well-known/openid-configuration", self.issuer);
        let answer = self.client.get(url).send().await.expect("an answer");
        answer.bytes().await.expect("a body").len()
    }

    /// A new access token of Alice's.
    pub(crate) fn token(&self) -> String {
        let provider = self.provider.as_ref().expect("a provider in this process");
        let token = provider.access_token("alice", AUDIENCE, &["admin"]);
        format!("Bearer {}", token.expect("a token"))
    }

    pub(crate) async fn auth(&self) -> Auth {
        started(auth::from_vars(self.variables(None)).await)
    }

    pub(crate) async fn without_tokens(&self) -> Auth {
        started(without_tokens::from_vars(self.variables(None)).await)
    }

    pub(crate) async fn with_bearer(&self) -> Auth {
        started(with_bearer::from_vars(self.variables(None)).await)
    }
}

pub(crate) fn started(auth: Result<Auth, StartError>) -> Auth {
    auth.expect("sign-in")
}

pub(crate) fn parts(uri: &str, cookie: &str) -> Parts {
    let request = Request::get(uri).header(COOKIE, cookie).body(());
    request.expect("a request").into_parts().0
}

pub(crate) fn text(response: &authsafe::Response, name: http::HeaderName) -> String {
    response.headers()[name].to_str().expect("text").to_owned()
}

/// The cookies that a browser would send back.
pub(crate) fn pairs(response: &authsafe::Response) -> String {
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let pairs: Vec<&str> = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .filter(|pair| !pair.ends_with('='))
        .collect();
    pairs.join("; ")
}
