//! Sessions for an app's own tests: guarded handlers are tested in a line, without a provider, an
//! environment or a socket.
//!
//! ```
//! # #[authsafe::routes(scopes("openid", "admin"))]
//! # pub mod auth {}
//! # use authsafe::require_scope;
//! # #[require_scope("admin")]
//! # async fn admin() {}
//! # fn app(auth: authsafe::Auth) -> axum::Router {
//! #     axum::Router::new().route("/admin", axum::routing::get(admin)).layer(auth.layer())
//! # }
//! use authsafe::testing::Testing;
//! use http::{Request, StatusCode, header};
//! use tower_service::Service;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let testing = Testing::new(auth::SPEC);
//! let mut app = app(testing.auth());
//!
//! let cookie = testing.sign_in_as("alice").scopes(["admin"]).cookie();
//! let request = Request::get("/admin").header(header::COOKIE, cookie);
//! let response = app.call(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
//! assert_eq!(response.status(), StatusCode::OK);
//! # }
//! ```
//!
//! `.data("theme", &"dark")` keeps data of the app's own in the session, `.sign_in().await` asks the app's `on_sign_in` and
//! returns a [`Jar`] that keeps the cookies of the answers, and `.bearer()` is an access token for routes that take any.
//!
//! What a test wants to see of the provider itself (sign-in, refresh, logout there) is for
//! `authsafe::dev::LocalProvider`.

#![expect(
    clippy::expect_used,
    reason = "a test whose stage cannot be set has to fall over, and say why"
)]

use core::fmt;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::collections::BTreeMap;

use cookie::Cookie;
use http::HeaderMap;
use http::header::HeaderValue;
use secrecy::SecretString;
use serde::Serialize;

use crate::auth::Auth;
use crate::clock::{self, Clock};
use crate::flow::{self, App};
use crate::session::{DataChange, Identity};
use crate::spec::{
    BearerSpec, CookieSpec, CrossOrigin, Endpoints, SameSite, SecretSetting, SessionSpec, Setting,
    SharedStateSpec, SignInRefused, Spec, SpecParts, StoreSpec,
};
use crate::types::{Http, Issuer, Scopes, Token, Tokens};

/// The sign-in of an app for tests: as the attribute says, without the settings of a deployment.
#[derive(Debug)]
pub struct Testing {
    auth: Auth,
    clock: Clock,
    is_authsafes: bool,
}

impl Testing {
    /// Makes one for the routes of `spec`, the `SPEC` of a routes module. The app is at
    /// `http://localhost`; no provider is ever asked, and no variable is read: an audience of bearer
    /// tokens that comes from one is its default, or else `https://api.test`. Sessions lie in
    /// cookies, wherever the app keeps its own.
    ///
    /// # Panics
    ///
    /// If no attribute wrote the spec.
    #[must_use]
    pub fn new(spec: &Spec) -> Self {
        let said = spec.parts();
        // It lives as long as the tests.
        let parts: &'static SpecParts = Box::leak(Box::new(SpecParts {
            domain: Setting::Literal("https://provider.test"),
            client_id: Setting::Literal("testing"),
            client_secret: SecretSetting::None,
            cookie_secret: SecretSetting::Value(&secret),
            app_url: Setting::Literal("http://localhost"),
            ca_file: None,
            endpoints: Endpoints::DEFAULT,
            bearer: said.bearer.map(|bearer| BearerSpec {
                audience: match bearer.audience {
                    Setting::Env { default, .. } => {
                        Setting::Literal(default.unwrap_or("https://api.test"))
                    }
                    audience => audience,
                },
                ..bearer
            }),
            cross_origin: match said.cross_origin {
                CrossOrigin::Allow(origins) => {
                    // What a variable alone says is a deployment's.
                    let is_known =
                        |it: &&Setting| !matches!(it, Setting::Env { default: None, .. });
                    let known: Vec<_> = origins.iter().filter(is_known).copied().collect();
                    CrossOrigin::Allow(known.leak())
                }
                CrossOrigin::Unchecked => CrossOrigin::Unchecked,
            },
            shared_state: SharedStateSpec::DEFAULT,
            session: SessionSpec {
                store: StoreSpec::Cookie,
                ..said.session
            },
            cookies: CookieSpec {
                secure: None,
                domain: None,
                same_site: SameSite::Lax,
                ..said.cookies
            },
            ..*said
        }));
        let clock = Clock::at(Clock::default().now());
        let app = App::prepare(parts, &|_| None, clock.clone()).expect("a spec of an attribute");
        Self {
            auth: Auth::prepared(parts, app),
            clock,
            is_authsafes: is_authsafes(said),
        }
    }

    /// Returns the handle, as `from_env()` would return it.
    #[must_use]
    pub fn auth(&self) -> Auth {
        self.auth.clone()
    }

    /// Returns the clock of the app. It stands still until [`Clock::set`] moves it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Begins to describe a user to sign in.
    ///
    /// `user_id` is the id that `authsafe::dev::User::new` is given, so that one user is one id in an app's
    /// tests and at the local provider: with AuthSafe's routes, those that name no other provider,
    /// [`User::id`](crate::User::id) is `authsafe|alice` for `alice`. With others, and where there is a `|`
    /// in it, it is `user_id` itself.
    #[must_use]
    pub fn sign_in_as(&self, user_id: &str) -> SignedIn<'_> {
        let user_id = match self.is_authsafes && !user_id.contains('|') {
            true => format!("authsafe|{user_id}"),
            false => user_id.to_owned(),
        };
        let random = clock::random().expect("the system's random source");
        let identity = Identity {
            scopes: Scopes::parse("openid"),
            ..Identity::beginning(random, self.clock.fine(), user_id)
        };
        SignedIn {
            testing: self,
            identity,
        }
    }
}

/// Returns whether users are AuthSafe's.
fn is_authsafes(said: &SpecParts) -> bool {
    let domain = match said.domain {
        Setting::Literal(domain) => Some(domain),
        Setting::Env { default, .. } => default,
        Setting::Value(_) => None,
    };
    let issuer = domain.and_then(|domain| Issuer::parse_over(domain, Http::OnLoopback).ok());
    said.endpoints.authsafe || issuer.is_some_and(|issuer| issuer.is_authsafes_own())
}

fn secret() -> SecretString {
    clock::random_text()
        .expect("the system's random source")
        .into()
}

/// A user to sign in, and their rights.
#[derive(Debug)]
pub struct SignedIn<'a> {
    testing: &'a Testing,
    identity: Identity,
}

impl SignedIn<'_> {
    /// Grants the user scopes, besides `openid`.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.identity.scopes.extend(scopes);
        self
    }

    /// Gives the user roles.
    #[must_use]
    pub fn roles<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.identity
            .roles
            .extend(roles.into_iter().map(Into::into));
        self
    }

    /// Gives the user permissions.
    #[must_use]
    pub fn permissions<S: Into<String>>(mut self, all: impl IntoIterator<Item = S>) -> Self {
        self.identity
            .permissions
            .extend(all.into_iter().map(Into::into));
        self
    }

    /// Gives the user a name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.identity.name = Some(name.to_owned());
        self
    }

    /// Gives the user a verified email address.
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.identity.email = Some(email.to_owned());
        self.identity.email_verified = true;
        self
    }

    /// Puts the user into an organization.
    #[must_use]
    pub fn organization(mut self, id: &str) -> Self {
        self.identity.organization_id = Some(id.to_owned());
        self
    }

    /// Sets how long ago the user signed in.
    #[must_use]
    pub fn authenticated(mut self, ago: Duration) -> Self {
        let now = self.testing.clock.now();
        self.identity.auth_time = Some(now.saturating_sub(ago.as_secs()));
        self
    }

    /// Keeps a value of the app's own in the session, as
    /// [`SessionData::set`](crate::SessionData::set) does.
    ///
    /// # Panics
    ///
    /// When the value does not serialize to JSON.
    #[must_use]
    pub fn data(mut self, name: &str, value: &impl Serialize) -> Self {
        let change = DataChange::set(name, value).expect("a value that serializes to JSON");
        self.identity.data.apply(change);
        self
    }

    /// Returns the `Cookie` header of a browser in which the user has just signed in. The app's
    /// [`on_sign_in`](crate::Auth::on_sign_in) is asked first.
    ///
    /// # Panics
    ///
    /// When the session is larger than cookies can hold; when `on_sign_in` refuses; and when it waits for
    /// something, a database say: [`sign_in`](Self::sign_in) waits too.
    #[must_use]
    pub fn cookie(self) -> HeaderValue {
        let mut context = Context::from_waker(Waker::noop());
        // Sessions in cookies begin at once.
        let Poll::Ready(signed_in) = pin!(self.sign_in()).poll(&mut context) else {
            panic!("`on_sign_in` waits for something: write `.sign_in().await?.cookie()`")
        };
        let jar = signed_in.expect("`on_sign_in` lets them in");
        jar.cookie()
    }

    /// Signs the user in. Returns the cookies of their browser.
    ///
    /// # Errors
    ///
    /// When the app's [`on_sign_in`](crate::Auth::on_sign_in) refuses.
    ///
    /// # Panics
    ///
    /// When the session is larger than cookies can hold.
    pub async fn sign_in(mut self) -> Result<Jar, SignInRefused> {
        let app = self.testing.auth.app().expect("a configured app");
        self.begins();
        let tokens = Tokens {
            access: Token::new("an access token of a test"),
            refresh: None,
            id: None,
        };
        let identity = match flow::ask_in_a_test(app, self.identity, &tokens).await {
            Err(Some(refused)) => return Err(refused),
            asked => asked.expect("a session that fits"),
        };
        let request = HeaderMap::new();
        let begun = app.sessions.begin(identity, tokens, &request).await;
        let (_, cookies) = begun.expect("a session that fits");
        let mut jar = Jar::default();
        jar.keep(&cookies);
        Ok(jar)
    }

    /// Returns the `Authorization` header of a client with an access token of the user, for routes with
    /// `bearer(...)`. `on_sign_in` is not called: a token is no sign-in.
    ///
    /// # Panics
    ///
    /// When the routes take no access tokens.
    #[must_use]
    pub fn bearer(mut self) -> HeaderValue {
        let app = self.testing.auth.app().expect("a configured app");
        self.begins();
        let random = clock::random_text().expect("the system's random source");
        let token = format!("of.a.test-{random}");
        let taken = app.take_for_verified(&token, &self.identity);
        taken.expect("routes with `bearer(audience = ...)`");
        HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is ASCII")
    }

    /// It begins now.
    fn begins(&mut self) {
        let now = self.testing.clock.now();
        let max_age = self.testing.auth.app().map(|app| app.spec.session.max_age);
        self.identity.began_at = now;
        self.identity.issued_at = now;
        self.identity.active_at = now;
        self.identity.expires_at = now + max_age.unwrap_or_default().as_secs();
        self.identity.access_expires_at = self.identity.expires_at;
    }
}

/// The cookies of a browser, for tests of more than one request.
///
/// ```
/// # async fn test(app: axum::Router, signed_in: authsafe::testing::SignedIn<'_>) {
/// use http::{Request, header};
/// use tower_service::Service;
///
/// let mut jar = signed_in.sign_in().await.unwrap();
/// # let mut app = app;
/// let request = Request::post("/theme/dark").header(header::COOKIE, jar.cookie());
/// let response = app.call(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
/// jar.keep(response.headers().get_all(header::SET_COOKIE));
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Returns the `Cookie` header of the next request.
    ///
    /// # Panics
    ///
    /// When a cookie that was kept is not ASCII.
    #[must_use]
    pub fn cookie(&self) -> HeaderValue {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs = pairs.collect::<Vec<_>>().join("; ");
        HeaderValue::from_str(&pairs).expect("cookies are ASCII")
    }

    /// Keeps the cookies of an answer, as a browser does with its `Set-Cookie` headers. Other texts are ignored.
    pub fn keep(&mut self, set_cookies: impl IntoIterator<Item: AsRef<[u8]>>) {
        for set_cookie in set_cookies {
            let text = core::str::from_utf8(set_cookie.as_ref()).unwrap_or_default();
            let Ok(cookie) = Cookie::parse(text) else {
                continue;
            };
            let is_over = cookie.max_age().is_some_and(|it| it.whole_seconds() <= 0);
            match is_over {
                true => self.0.remove(cookie.name()),
                false => {
                    let value = cookie.value().to_owned();
                    self.0.insert(cookie.name().to_owned(), value)
                }
            };
        }
    }

    /// Returns whether there is no cookie in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Their names alone.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;
    use crate::store::Memory;
    use http::header::COOKIE;

    async fn session(testing: &Testing, cookie: HeaderValue) -> Option<Session> {
        let headers: HeaderMap = [(COOKIE, cookie)].into_iter().collect();
        testing.auth().authenticate(&headers).await.unwrap()
    }

    #[tokio::test]
    async fn somebody_is_signed_in_with_what_was_given() {
        let testing = Testing::new(&Spec::new(SpecParts::DEFAULT));
        let alice = testing
            .sign_in_as("alice")
            .scopes(["admin"])
            .roles(["editor"])
            .permissions(["orders:write"])
            .name("Alice")
            .email("alice@example.com")
            .organization("acme");
        let session = session(&testing, alice.cookie()).await.unwrap();
        assert_eq!(session.user().id(), "authsafe|alice");
        assert!(session.has_scopes(["openid", "admin"]) && session.has_role("editor"));
        assert!(session.user().email_verified());
        assert_eq!(session.user().organization_id(), Some("acme"));
    }

    #[tokio::test]
    async fn one_user_is_one_id_here_and_at_the_local_provider() {
        let elsewhere = SpecParts {
            domain: Setting::Env {
                name: "AUTHSAFE_DOMAIN",
                default: None,
            },
            ..SpecParts::DEFAULT
        };
        for (parts, written, id) in [
            (SpecParts::DEFAULT, "alice", "authsafe|alice"),
            (SpecParts::DEFAULT, "google|1", "google|1"),
            (elsewhere, "alice", "alice"),
        ] {
            let testing = Testing::new(&Spec::new(parts));
            let cookie = testing.sign_in_as(written).cookie();
            let session = session(&testing, cookie).await.unwrap();
            assert_eq!(session.user().id(), id);
        }
    }

    #[tokio::test]
    async fn data_is_in_the_session() {
        let testing = Testing::new(&Spec::new(SpecParts::DEFAULT));
        let alice = testing.sign_in_as("alice").data("theme", &"dark");
        let session = session(&testing, alice.cookie()).await.unwrap();
        assert_eq!(session.get::<String>("theme").as_deref(), Some("dark"));
    }

    async fn look_up(
        mut new: crate::spec::NewSession,
    ) -> Result<crate::spec::NewSession, SignInRefused> {
        tokio::task::yield_now().await;
        match new.session().user().id() {
            "authsafe|alice" => {
                new.add_role("editor");
                Ok(new)
            }
            _ => Err(SignInRefused::because("who are you?")),
        }
    }

    #[tokio::test]
    async fn the_sign_in_hook_is_asked() {
        let testing = Testing::new(&Spec::new(SpecParts::DEFAULT));
        let _ = testing.auth().on_sign_in(look_up);
        let jar = testing.sign_in_as("alice").sign_in().await.unwrap();
        let session = session(&testing, jar.cookie()).await.unwrap();
        assert!(session.has_role("editor"));
        let refused = testing.sign_in_as("bob").sign_in().await.unwrap_err();
        assert_eq!(refused, SignInRefused::because("who are you?"));
    }

    #[test]
    #[should_panic(expected = "write `.sign_in().await?.cookie()`")]
    fn a_hook_that_waits_is_waited_for_in_another_way() {
        let testing = Testing::new(&Spec::new(SpecParts::DEFAULT));
        let auth = testing.auth().on_sign_in(|_| core::future::pending());
        let _ = testing.sign_in_as("alice").cookie();
        drop(auth);
    }

    #[tokio::test]
    async fn a_jar_keeps_and_drops_as_a_browser_does() {
        let testing = Testing::new(&Spec::new(SpecParts::DEFAULT));
        let mut jar = testing.sign_in_as("alice").sign_in().await.unwrap();
        let name = format!("{jar:?}");
        assert!(name.contains("authsafe") && !name.contains('='), "{name}");
        jar.keep(["theme=dark; Path=/; HttpOnly", "\u{7f}"]);
        assert!(jar.cookie().to_str().unwrap().ends_with("theme=dark"));
        jar.keep(["theme=; Max-Age=0"]);
        assert!(!jar.cookie().to_str().unwrap().contains("theme"));
        assert!(session(&testing, jar.cookie()).await.is_some());
        assert!(Jar::default().is_empty() && !jar.is_empty());
    }

    #[tokio::test]
    async fn an_access_token_is_taken_where_the_routes_take_any() {
        let testing = Testing::new(&Spec::new(SpecParts {
            bearer: Some(BearerSpec::new(Setting::Literal("https://api.example"))),
            ..SpecParts::DEFAULT
        }));
        let app = testing.auth().app().cloned().unwrap();
        let ask = async |headers: HeaderMap| {
            let credentials = app.bearer_credentials(&headers).unwrap();
            let now = app.clock.now();
            let asked = flow::authenticate_bearer(&app, credentials, None, &headers, now);
            asked.await.session
        };
        let headers =
            |value| -> HeaderMap { [(http::header::AUTHORIZATION, value)].into_iter().collect() };
        let token = testing.sign_in_as("alice").scopes(["admin"]).bearer();
        let session = ask(headers(token.clone())).await.unwrap().unwrap();
        assert!(session.has_scope("admin"));
        assert_eq!(session.user().id(), "authsafe|alice");
        testing.clock().set(testing.clock().now() + 3600);
        assert!(ask(headers(token)).await.is_err());
        let made_up = HeaderValue::from_static("Bearer of.a.test-x");
        assert!(ask(headers(made_up)).await.is_err());
    }

    #[tokio::test]
    async fn a_session_of_a_test_ends_by_the_tests_clock() {
        let testing = Testing::new(&Spec::new(SpecParts::DEFAULT));
        let cookie = testing.sign_in_as("alice").cookie();
        testing.clock().set(testing.clock().now() + 3599);
        assert!(session(&testing, cookie.clone()).await.is_some());
        testing.clock().set(testing.clock().now() + 1);
        assert!(session(&testing, cookie).await.is_none());
    }

    #[tokio::test]
    async fn one_stage_opens_no_other_stages_session() {
        let (one, other) = (
            Testing::new(&Spec::new(SpecParts::DEFAULT)),
            Testing::new(&Spec::new(SpecParts::DEFAULT)),
        );
        let cookie = one.sign_in_as("alice").cookie();
        assert!(session(&other, cookie).await.is_none());
    }

    #[tokio::test]
    async fn a_session_of_a_test_needs_none_of_the_apps_stores() {
        for store in [StoreSpec::Redis, StoreSpec::Custom(&nowhere)] {
            let testing = Testing::new(&Spec::new(SpecParts {
                session: SessionSpec {
                    store,
                    ..SessionSpec::DEFAULT
                },
                ..SpecParts::DEFAULT
            }));
            let cookie = testing.sign_in_as("alice").cookie();
            assert!(session(&testing, cookie).await.is_some());
        }
    }

    #[tokio::test]
    async fn the_audience_of_access_tokens_needs_no_variable() {
        let name = "AUTHSAFE_TESTS_THAT_NOBODY_SETS";
        for (default, audience) in [
            (None, "https://api.test"),
            (Some("https://api.example"), "https://api.example"),
        ] {
            let testing = Testing::new(&Spec::new(SpecParts {
                bearer: Some(BearerSpec::new(Setting::Env { name, default })),
                ..SpecParts::DEFAULT
            }));
            let bearer = testing.auth.app().unwrap().config.bearer.as_ref().unwrap();
            assert_eq!(bearer.audience, audience);
            let cookie = testing.sign_in_as("alice").cookie();
            assert!(session(&testing, cookie).await.is_some());
        }
    }

    async fn nowhere() -> Result<Memory, &'static str> {
        Err("no database in tests")
    }
}
