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
//! What a test wants to see of the provider itself (sign-in, refresh, logout there) is for
//! `authsafe::dev::LocalProvider`.

#![expect(
    clippy::expect_used,
    reason = "a test whose stage cannot be set has to fall over, and say why"
)]

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use http::HeaderMap;
use http::header::HeaderValue;
use secrecy::SecretString;

use crate::auth::Auth;
use crate::clock::{self, Clock};
use crate::flow::App;
use crate::session::{Identity, SessionId};
use crate::spec::{
    BearerSpec, CookieSpec, CrossOrigin, Endpoints, SameSite, SecretSetting, SessionSpec, Setting,
    SharedStateSpec, Spec, SpecParts, StoreSpec,
};
use crate::types::{Scopes, Token, Tokens};

/// An app's sign-in on a stage of its own: as the attribute has it, but for what a deployment
/// decides.
#[derive(Debug)]
pub struct Testing {
    auth: Auth,
    clock: Clock,
}

impl Testing {
    /// A stage for the routes of `spec`, which is the `SPEC` of a routes module. The app is at
    /// `http://localhost`; no provider is ever asked, and no variable is read: an audience of bearer
    /// tokens that comes from one is its default, or else `https://api.test`. Sessions lie in
    /// cookies, wherever the app keeps its own.
    ///
    /// # Panics
    ///
    /// When the spec is none that an attribute wrote.
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
        }
    }

    /// The handle, as `from_env()` would return it.
    #[must_use]
    pub fn auth(&self) -> Auth {
        self.auth.clone()
    }

    /// The time, as the app reads it. It stands still until [`Clock::set`] moves it.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Somebody who is to be signed in; `user_id` is their `sub`.
    #[must_use]
    pub fn sign_in_as(&self, user_id: &str) -> SignedIn<'_> {
        let id = SessionId(clock::random().expect("the system's random source"));
        let identity = Identity {
            scopes: Scopes::parse("openid"),
            ..Identity::new(id, user_id.to_owned())
        };
        SignedIn {
            testing: self,
            identity,
        }
    }
}

fn secret() -> SecretString {
    clock::random_text()
        .expect("the system's random source")
        .into()
}

/// Who is signed in, and what they may do.
#[derive(Debug)]
pub struct SignedIn<'a> {
    testing: &'a Testing,
    identity: Identity,
}

impl SignedIn<'_> {
    /// Grants scopes, beside `openid`.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.identity.scopes.extend(scopes);
        self
    }

    /// Gives roles.
    #[must_use]
    pub fn roles<S: Into<String>>(mut self, roles: impl IntoIterator<Item = S>) -> Self {
        self.identity
            .roles
            .extend(roles.into_iter().map(Into::into));
        self
    }

    /// Gives permissions.
    #[must_use]
    pub fn permissions<S: Into<String>>(mut self, all: impl IntoIterator<Item = S>) -> Self {
        self.identity
            .permissions
            .extend(all.into_iter().map(Into::into));
        self
    }

    /// Names them.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.identity.name = Some(name.to_owned());
        self
    }

    /// Gives a verified email address.
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.identity.email = Some(email.to_owned());
        self.identity.email_verified = true;
        self
    }

    /// Puts them into an organization.
    #[must_use]
    pub fn organization(mut self, id: &str) -> Self {
        self.identity.organization_id = Some(id.to_owned());
        self
    }

    /// Says how long ago they proved who they are.
    #[must_use]
    pub fn authenticated(mut self, ago: Duration) -> Self {
        let now = self.testing.clock.now();
        self.identity.auth_time = Some(now.saturating_sub(ago.as_secs()));
        self
    }

    /// The `Cookie` header of a browser in which they have just signed in.
    ///
    /// # Panics
    ///
    /// When the session is larger than cookies can hold.
    #[must_use]
    pub fn cookie(mut self) -> HeaderValue {
        let app = self.testing.auth.app().expect("a configured app");
        let now = app.clock.now();
        self.identity.began_at = now;
        self.identity.issued_at = now;
        self.identity.active_at = now;
        self.identity.expires_at = now + app.spec.session.max_age.as_secs();
        self.identity.access_expires_at = self.identity.expires_at;
        let tokens = Tokens {
            access: Token::new("an access token of a test"),
            refresh: None,
            id: None,
        };
        let request = HeaderMap::new();
        let begun = app.sessions.begin(self.identity, tokens, &request);
        // Sessions in cookies begin at once.
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(begun) = pin!(begun).poll(&mut context) else {
            unreachable!("sessions of a stage lie in cookies")
        };
        let (_, cookies) = begun.expect("a session that fits");
        let pairs: Vec<&str> = cookies
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        HeaderValue::from_str(&pairs.join("; ")).expect("cookies are ASCII")
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
        assert_eq!(session.user().id(), "alice");
        assert!(session.has_scopes(["openid", "admin"]) && session.has_role("editor"));
        assert!(session.user().email_verified());
        assert_eq!(session.user().organization_id(), Some("acme"));
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
