//! What the attribute said, as a constant.
//!
//! `#[authsafe::routes(...)]` writes one [`Spec`]. Nothing in it is read from the
//! environment yet: [`Config`](crate::config::Config) does that when the app starts.

use core::time::Duration;

use authsafe_rules::default;
use secrecy::SecretString;

use super::hooks::{ErrorHook, EventHook};
use super::signed_out::Unauthenticated;
use crate::error::Error;
use crate::policy::Policy;
use crate::protocol::claim_paths::ClaimPaths;
use crate::protocol::client_auth::ClientAuth;
use crate::store::StoreSource;
use crate::types::{Location, RoutesId, Tenants};

/// The settings of one `#[authsafe::routes(...)]`. The attribute makes it, as the constant `SPEC` of its module.
#[derive(Clone, Copy)]
pub struct Spec(SpecParts);

impl Spec {
    pub(crate) const fn new(parts: SpecParts) -> Self {
        Self(parts)
    }

    pub(crate) const fn parts(&self) -> &SpecParts {
        &self.0
    }
}

/// The values of a [`Spec`]; every key that the attribute left out has its default.
#[derive(Clone, Copy)]
pub struct SpecParts {
    /// The attribute that it is of: guards that name a sign-in are compared with it.
    pub routes: RoutesId,
    /// The provider: its issuer, or its host. `AUTHSAFE_DOMAIN`, else AuthSafe's own.
    pub domain: Setting,
    /// `client_id` of RFC 6749 §2.2. `AUTHSAFE_CLIENT_ID`.
    pub client_id: Setting,
    /// `client_secret` of RFC 6749 §2.3.1, or none for a public client. `AUTHSAFE_CLIENT_SECRET`.
    pub client_secret: SecretSetting,
    /// The way by which the client secret goes to the provider. As it offers, else the other way.
    pub client_auth: ClientAuth,
    /// The secret that cookies are sealed under, 32 bytes or more; or several with commas between,
    /// of which the first seals and all open. `AUTHSAFE_COOKIE_SECRET`.
    pub cookie_secret: SecretSetting,
    /// The origin at which browsers reach the app, without a path. `APP_URL`.
    pub app_url: Setting,
    /// A PEM file with one more root certificate to trust when the provider is called.
    pub ca_file: Option<Setting>,
    /// The path below which the endpoints lie: `/api/auth`.
    pub base_path: &'static str,
    /// The endpoints' paths under the base path.
    pub paths: Paths,
    /// The scopes that sign-in requests, in the order written.
    pub scopes: &'static [&'static str],
    /// The roles that exist; empty where the attribute does not say.
    pub roles: &'static [&'static str],
    /// The tenants whose users may sign in, where the provider has an issuer for each.
    pub tenants: Tenants,
    /// The limits of calls of the provider.
    pub provider: ProviderSpec,
    /// The further parameters of the authorization request (RFC 6749 §3.1), in the order written.
    pub authorize: &'static [Parameter],
    /// The way by which the provider answers. The query.
    pub response_mode: ResponseMode,
    /// The parameters that pass from sign-in's query to the provider, besides those that pass in any case.
    pub forward: &'static [&'static str],
    /// The rules of where people land after sign-in: the first that matches counts. The last one matches all.
    pub landing: &'static [Landing],
    /// The path to which people go after logout, unless the request says otherwise.
    pub after_logout: &'static str,
    /// The most bytes of a form that is kept while its author signs in. `None`: none is kept.
    pub keep_post: Option<usize>,
    /// Pages of the app's own, in the place of those that are built in.
    pub pages: Pages,
    /// The place where a logout ends. The provider's.
    pub logout: LogoutSpec,
    /// Tells whether a logout revokes the session's refresh token (RFC 7009). Yes.
    pub revoke_at_logout: bool,
    /// The things that browsers are told to forget at a logout, besides the session. None.
    pub clear_site_data: &'static [&'static str],
    /// The provider's endpoints that are set by hand.
    pub endpoints: Endpoints,
    /// The algorithms that tokens may be signed by, of those that the provider lists. Empty: all that are
    /// safe.
    pub algorithms: &'static [&'static str],
    /// The sign-ins at which the UserInfo endpoint is asked. Those that lack a claim.
    pub userinfo: AskUserInfo,
    /// The paths of the claims of users, and those that sessions keep.
    pub claims: ClaimPaths,
    /// The lifetimes of sessions, and where they are kept.
    pub session: SessionSpec,
    /// Access tokens that are taken in the place of a session. `None`: none are.
    pub bearer: Option<BearerSpec>,
    /// The other origins whose pages may ask to change something.
    pub cross_origin: CrossOrigin,
    /// The names and attributes of cookies.
    pub cookies: CookieSpec,
    /// The rates at which one client may call each endpoint.
    pub rate_limit: RateSpec,
    /// The app's own proxies, by address or by network (`10.0.0.0/8`): they are asked in `Forwarded`
    /// and `X-Forwarded-For` who has asked them.
    pub trusted_proxies: &'static [&'static str],
    /// The state that the app's machines share.
    pub shared_state: SharedStateSpec,
    /// The paths that are held to a policy, whatever handles them; of several that match, the first.
    pub protect: &'static [Protect],
    /// The paths that are open to all, though a rule of `protect` matches.
    pub public: &'static [&'static str],
    /// The answer to signed-out visitors, where a guard does not say. [`Unauthenticated::Auto`].
    pub unauthenticated: Unauthenticated,
    /// Called with each event, for audit logs.
    pub on_event: Option<&'static dyn EventHook>,
    /// May answer an error its own way.
    pub on_error: Option<&'static dyn ErrorHook>,
}

impl SpecParts {
    /// Returns the path at which forms are kept that met a sign-in: below that of the sign-in, where no other
    /// endpoint is.
    pub(crate) fn kept_form_path(&self) -> String {
        format!("{}/{}/form", self.base_path, self.paths.signin)
    }

    /// Returns each endpoint that browsers call, with its path.
    pub(crate) fn endpoint_paths(&self) -> Vec<(&'static str, String)> {
        let paths = &self.paths;
        let names = [
            ("signin", Some(paths.signin)),
            ("callback", Some(paths.callback)),
            ("logout", Some(paths.logout)),
            ("refresh", Some(paths.refresh)),
            ("session", paths.session),
            ("signed_out", paths.signed_out),
        ];
        let names = names.into_iter();
        let there = names.filter_map(|(name, path)| Some((name, path?)));
        let mut endpoints: Vec<_> = there
            .map(|(name, path)| (name, format!("{}/{path}", self.base_path)))
            .collect();
        if self.keep_post.is_some() {
            endpoints.push(("keep_post", self.kept_form_path()));
        }
        endpoints
    }

    /// The values of `#[authsafe::routes]` alone.
    pub const DEFAULT: Self = Self {
        routes: RoutesId::NONE,
        domain: Setting::Env {
            name: default::DOMAIN_VARIABLE,
            default: Some("https://identities.authsafe.in"),
        },
        client_id: Setting::Env {
            name: default::CLIENT_ID_VARIABLE,
            default: None,
        },
        client_secret: SecretSetting::Env {
            name: default::CLIENT_SECRET_VARIABLE,
        },
        client_auth: ClientAuth::Auto,
        cookie_secret: SecretSetting::Env {
            name: default::COOKIE_SECRET_VARIABLE,
        },
        app_url: Setting::Env {
            name: default::APP_URL_VARIABLE,
            default: None,
        },
        ca_file: None,
        base_path: default::BASE_PATH,
        paths: Paths::DEFAULT,
        scopes: default::SCOPES,
        roles: &[],
        tenants: Tenants::One,
        provider: ProviderSpec::DEFAULT,
        authorize: &[],
        response_mode: ResponseMode::Query,
        forward: &[],
        landing: &[Landing {
            when: Policy::SignedIn,
            to: "/",
            always: false,
        }],
        after_logout: "/",
        keep_post: None,
        pages: Pages::DEFAULT,
        logout: LogoutSpec::PROVIDER,
        revoke_at_logout: true,
        clear_site_data: &[],
        endpoints: Endpoints::DEFAULT,
        algorithms: &[],
        userinfo: AskUserInfo::Auto,
        claims: ClaimPaths::DEFAULT,
        session: SessionSpec::DEFAULT,
        bearer: None,
        cross_origin: CrossOrigin::Allow(&[]),
        cookies: CookieSpec::DEFAULT,
        rate_limit: RateSpec::DEFAULT,
        trusted_proxies: &[],
        shared_state: SharedStateSpec::DEFAULT,
        protect: &[],
        public: &[],
        unauthenticated: Unauthenticated::Auto,
        on_event: None,
        on_error: None,
    };
}

/// The source of a setting that is no secret.
#[derive(Clone, Copy)]
pub enum Setting {
    /// Written in the attribute.
    Literal(&'static str),
    /// `env("NAME")` or `env("NAME", default = "...")`.
    Env {
        /// The variable.
        name: &'static str,
        /// What to take when the variable is not set.
        default: Option<&'static str>,
    },
    /// A path to a function or a constant.
    Value(&'static dyn SettingSource),
}

impl Setting {
    pub(crate) fn variable(&self) -> Option<&'static str> {
        match self {
            Self::Env { name, .. } => Some(name),
            Self::Literal(_) | Self::Value(_) => None,
        }
    }
}

/// The source of a secret: never a literal.
#[derive(Clone, Copy)]
pub enum SecretSetting {
    /// `none`: there is no secret.
    None,
    /// `env("NAME")`.
    Env {
        /// The variable.
        name: &'static str,
    },
    /// `env("NAME", default = none)`: no secret when the variable is not set.
    OptionalEnv {
        /// The variable.
        name: &'static str,
    },
    /// A path to a function that returns a [`SecretString`].
    Value(&'static dyn SecretSource),
}

impl SecretSetting {
    pub(crate) fn variable(&self) -> Option<&'static str> {
        match self {
            Self::Env { name } | Self::OptionalEnv { name } => Some(name),
            Self::None | Self::Value(_) => None,
        }
    }
}

/// What a setting's path may name: a `&'static str` constant, or a function without arguments
/// that returns something that turns into a `String`.
#[diagnostic::on_unimplemented(
    message = "this path cannot be a setting",
    label = "expected a `&'static str` constant or a `fn() -> String`"
)]
pub trait SettingSource: Sync {
    /// The value, read once at start-up.
    fn value(&self) -> String;
}

impl SettingSource for &'static str {
    fn value(&self) -> String {
        (*self).to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl<F, V> SettingSource for F
where
    F: Fn() -> V + Sync,
    V: Into<String>,
{
    fn value(&self) -> String {
        self().into()
    }
}

/// What a secret's path may name: a function without arguments that returns a [`SecretString`].
#[diagnostic::on_unimplemented(
    message = "this path cannot be a secret",
    label = "expected a `fn() -> authsafe::SecretString`"
)]
pub trait SecretSource: Sync {
    /// The secret, read once at start-up.
    fn secret(&self) -> SecretString;
}

#[diagnostic::do_not_recommend]
impl<F: Fn() -> SecretString + Sync> SecretSource for F {
    fn secret(&self) -> SecretString {
        self()
    }
}

/// The endpoints' paths, each under the base path and without a leading `/`.
#[derive(Clone, Copy)]
pub struct Paths {
    /// `GET`: starts a sign-in.
    pub signin: &'static str,
    /// `GET`: the redirect URI.
    pub callback: &'static str,
    /// `POST`: ends the session.
    pub logout: &'static str,
    /// `POST`: fetches new tokens.
    pub refresh: &'static str,
    /// `GET`: who is signed in, for scripts. `None`: there is no such endpoint.
    pub session: Option<&'static str>,
    /// `GET`: where the provider sends browsers after logout, to be sent on to their `returnTo`. `None`:
    /// there is no such endpoint.
    pub signed_out: Option<&'static str>,
    /// `POST`, by the provider: ends sessions that ended there. `None`: there is no such endpoint.
    pub backchannel_logout: Option<&'static str>,
}

impl Paths {
    /// `signin`, `callback`, `logout`, `refresh`; no session endpoint, no landing after logout, no
    /// back-channel logout.
    pub const DEFAULT: Self = {
        let [signin, callback, logout, refresh] = default::PATHS;
        Self {
            signin,
            callback,
            logout,
            refresh,
            session: None,
            signed_out: None,
            backchannel_logout: None,
        }
    };
}

/// The limits of calls of the provider, and of its clock.
#[derive(Clone, Copy)]
pub struct ProviderSpec {
    /// The time that it has for an answer, 30 seconds at most. `None`: ten seconds for the exchange of a code,
    /// five for all else.
    pub timeout: Option<Duration>,
    /// The most by which its clock and ours may differ, ten minutes at most. One minute.
    pub leeway: Duration,
}

impl ProviderSpec {
    /// As most providers need it.
    pub const DEFAULT: Self = Self {
        timeout: None,
        leeway: Duration::from_secs(60),
    };
}

/// A parameter of the authorization request.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: Setting,
}

/// The way by which the provider hands over its answer (OAuth 2.0 Multiple Response Type Encoding Practices §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of a redirect.
    Query,
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

/// Pages of the app's own for people. Each is a local path; why they come is its parameter `code`.
#[derive(Clone, Copy)]
pub struct Pages {
    /// For whoever meets an error.
    pub error: Option<&'static str>,
    /// For whoever comes back to a session or a sign-in that is over; else they sign in again.
    pub expired: Option<&'static str>,
    /// For whoever has to sign in; else they are sent to the provider.
    pub sign_in: Option<&'static str>,
}

impl Pages {
    /// None.
    pub const DEFAULT: Self = Self {
        error: None,
        expired: None,
        sign_in: None,
    };

    /// Returns where a person goes who meets an error at this path. From one of these pages to no other: they
    /// would go round.
    pub(crate) fn of(&self, error: Error, path: &str) -> Option<Location> {
        let expired = self.expired.filter(|_| error.is_of_what_is_over());
        let page = expired.or(self.error).filter(|_| !self.have(path))?;
        Some(Location::of_app(page).with_query(&[("code", error.code())]))
    }

    /// Returns whether a path is that of one of them.
    pub(crate) fn have(&self, path: &str) -> bool {
        let pages = [self.error, self.expired, self.sign_in];
        let mut pages = pages.into_iter().flatten();
        pages.any(|page| page.split(['?', '#']).next() == Some(path))
    }
}

/// The place where a logout ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoutSpec {
    /// Nowhere but to a page of the app: the user stays signed in at the provider.
    Local,
    /// To the provider's end-session endpoint, where it has one.
    Provider {
        /// The parameter that tells where to come back to. `post_logout_redirect_uri`; with another one
        /// the request has no ID token and no `state`.
        return_parameter: &'static str,
    },
}

impl LogoutSpec {
    /// As RP-Initiated Logout 1.0 says it.
    pub const PROVIDER: Self = Self::Provider {
        return_parameter: default::LOGOUT_RETURN,
    };
}

/// One landing rule: `scope("admin") => "/admin/dashboard"`.
#[derive(Clone, Copy)]
pub struct Landing {
    /// The policy of those who land there; [`Policy::SignedIn`] is `_`.
    pub when: Policy,
    /// A local path.
    pub to: &'static str,
    /// `always`: wins over the return path that sign-in was given.
    pub always: bool,
}

/// One path rule: `"/admin/**" => scope("admin")`.
#[derive(Clone, Copy)]
pub struct Protect {
    /// A pattern: literal segments, `*` for any one, `**` at the end for what lies below.
    pub path: &'static str,
    /// The policy of those who may pass.
    pub when: Policy,
}

/// The provider's endpoints, each only where it is set by hand.
#[derive(Clone, Copy)]
pub struct Endpoints {
    /// The issuer, where it is not the domain.
    pub issuer: Option<Setting>,
    /// RFC 6749 §3.1.
    pub authorization: Option<Setting>,
    /// RFC 6749 §3.2.
    pub token: Option<Setting>,
    /// RFC 7517 §5.
    pub jwks: Option<Setting>,
    /// OpenID Connect Core §5.3.
    pub userinfo: Option<Setting>,
    /// RFC 7009.
    pub revocation: Option<Setting>,
    /// RFC 7662.
    pub introspection: Option<Setting>,
    /// OpenID Connect RP-Initiated Logout §2.
    pub end_session: Option<Setting>,
    /// The provider is AuthSafe, under a domain of its customer's: AuthSafe's fixed paths are there
    /// where no document is, and `authsafe|x` and `x` are one user. On a host of `authsafe.in` that is
    /// known without.
    pub authsafe: bool,
}

impl Endpoints {
    /// None by hand: all from discovery.
    pub const DEFAULT: Self = Self {
        issuer: None,
        authorization: None,
        token: None,
        jwks: None,
        userinfo: None,
        revocation: None,
        introspection: None,
        end_session: None,
        authsafe: false,
    };
}

/// The sign-ins at which the UserInfo endpoint is asked (OpenID Connect Core §5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskUserInfo {
    /// Where the ID token lacks a claim that the scopes promise (§5.4), or that `claims(...)` or
    /// `keep(...)` name; then at each refresh too.
    Auto,
    /// At each sign-in and at each refresh.
    Always,
    /// At none.
    Never,
}

/// The lifetimes of sessions and sign-ins, and where sessions are kept.
#[derive(Clone, Copy)]
pub struct SessionSpec {
    /// A session ends this long after sign-in, however often it is refreshed. One hour.
    pub max_age: Duration,
    /// A session ends after this long without a request. `None`: it does not.
    pub idle: Option<Duration>,
    /// A sign-in must be finished within this. Ten minutes, an hour at most.
    pub transaction: Duration,
    /// A guarded request whose access token is about to end refreshes it first, where the
    /// session has a refresh token (scope `offline_access`). Yes.
    pub auto_refresh: bool,
    /// The time before its end in which an access token is about to end; half of its life at the most.
    /// One minute.
    pub refresh_before: Duration,
    /// The time after its access token's end in which a session is served without one, while the provider does not
    /// answer. Zero: not at all. One hour.
    pub grace: Duration,
    /// The tokens of the provider that they keep. All.
    pub keep: KeepSpec,
    /// The place where they are kept. Cookies.
    pub store: StoreSpec,
}

impl SessionSpec {
    /// One hour, idle or not; ten minutes to sign in; refreshed automatically; an hour of grace; all tokens; in cookies.
    pub const DEFAULT: Self = Self {
        max_age: Duration::from_secs(default::MAX_AGE),
        idle: None,
        transaction: Duration::from_secs(600),
        auto_refresh: true,
        refresh_before: Duration::from_secs(60),
        grace: Duration::from_secs(default::GRACE),
        keep: KeepSpec::DEFAULT,
        store: StoreSpec::Cookie,
    };
}

/// The tokens of the provider that sessions keep, beside the refresh token that they live by.
#[derive(Clone, Copy)]
pub struct KeepSpec {
    /// For the hint of a logout at the provider. Yes.
    pub id_token: bool,
    /// For calls to APIs in the user's name. Yes.
    pub access_token: bool,
}

impl KeepSpec {
    /// Both.
    pub const DEFAULT: Self = Self {
        id_token: true,
        access_token: true,
    };
}

/// The access tokens that requests may carry as `Authorization: Bearer` (RFC 6750 §2.1).
#[derive(Clone, Copy)]
pub struct BearerSpec {
    /// The audience (`aud`) that they are for: this app, as an API. Tokens for others are refused. Where it is
    /// an https URL, the router serves the metadata of RFC 9728 for it.
    pub audience: Setting,
    /// The most age of a token, whatever its `exp` says; so long [`Auth::revoke_user`] is
    /// remembered. One day.
    ///
    /// [`Auth::revoke_user`]: crate::Auth::revoke_user
    pub max_age: Duration,
    /// # Warning
    ///
    /// Takes an opaque token whose audience the provider does not tell when it is asked (RFC 7662
    /// leaves it open). Where the provider has other APIs, a token that a user gave one of those opens
    /// this one too. No.
    pub opaque_without_audience: bool,
}

impl BearerSpec {
    /// The most age of a token, unless the attribute says otherwise.
    pub const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

    /// Tokens for this audience, of a day at the most.
    #[must_use]
    pub const fn new(audience: Setting) -> Self {
        Self {
            audience,
            max_age: Self::MAX_AGE,
            opaque_without_audience: false,
        }
    }
}

/// The place where sessions are kept.
#[derive(Clone, Copy)]
pub enum StoreSpec {
    /// In the cookies themselves, sealed: no server keeps anything of them.
    Cookie,
    /// `"redis"`: in the Redis of [`SharedStateSpec::redis`].
    Redis,
    /// A path to a function that opens a store.
    Custom(&'static dyn StoreSource),
}

/// The other origins whose pages may ask to change something, with a session.
#[derive(Clone, Copy)]
pub enum CrossOrigin {
    /// Those of these origins, at guards, logout and refresh; of no others.
    Allow(&'static [Setting]),
    /// All, at guards: the app has a check of its own. Logout and refresh are for the app's own pages.
    Unchecked,
}

/// The names and attributes of cookies.
#[derive(Clone, Copy)]
pub struct CookieSpec {
    /// The session cookie's name, and what the others begin with. `authsafe`.
    ///
    /// On https `__Host-` is put before it, or `__Secure-` where `domain` or `path` rule that out; a
    /// name that begins with one of the two stays as it is.
    pub name: &'static str,
    /// The `SameSite` attribute. Lax.
    pub same_site: SameSite,
    /// The `Secure` attribute. `None`: set unless the app is on http://localhost.
    pub secure: Option<bool>,
    /// The session cookie's `Domain` attribute. `None`: host-only.
    ///
    /// A cookie that has one cannot be named `__Host-` (RFC 6265bis §4.1.3.2), which gives up two
    /// things. Every host below the domain receives the cookie. And each of them can set one: it can
    /// plant a session of its own, in which a visitor who is signed out then acts. Who is signed in
    /// as well is signed out by it: two cookies that open to different sessions are no session. The
    /// cookies of sign-ins in flight are bound to the host all the same.
    pub domain: Option<Setting>,
    /// The session cookie's `Path`. `/`.
    ///
    /// A cookie with another one cannot be named `__Host-` either: each host below the same site's
    /// domain can plant a session, as with `domain`. It keeps nothing from other paths of the host,
    /// whose scripts can read what lies there.
    pub path: &'static str,
}

impl CookieSpec {
    /// Named `authsafe`, `__Host-` before it on https; Lax, host-only, at `/`.
    pub const DEFAULT: Self = Self {
        name: "authsafe",
        same_site: SameSite::Lax,
        secure: None,
        domain: None,
        path: "/",
    };
}

/// The `SameSite` attribute. `Strict` is not among them: the provider's redirect back to the app
/// comes from another site, and a strict cookie is not sent with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Sent with top-level navigations from other sites.
    Lax,
    /// Sent from everywhere, for an app inside another site's frame. Needs `Secure`.
    None,
}

/// The rates at which one client may call each endpoint; `None` is as often as it likes.
#[derive(Clone, Copy)]
pub struct RateSpec {
    /// Sign-ins started.
    pub signin: Option<Rate>,
    /// Callbacks.
    pub callback: Option<Rate>,
    /// Logouts.
    pub logout: Option<Rate>,
    /// Refreshes asked for.
    pub refresh: Option<Rate>,
    /// Questions who is signed in.
    pub session: Option<Rate>,
}

impl RateSpec {
    /// Returns how many forms of one client are kept: as many as may sign in, or sixty a minute where the app
    /// says nothing of that. The app keeps each.
    pub(crate) fn kept_forms(&self) -> Rate {
        self.signin.unwrap_or(Rate {
            count: 60,
            per: Duration::from_secs(60),
        })
    }

    /// No limits.
    pub const DEFAULT: Self = Self {
        signin: None,
        callback: None,
        logout: None,
        refresh: None,
        session: None,
    };
}

/// So many requests in so much time: `"20/minute"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The count of requests; never zero.
    pub count: u32,
    /// The time in which they may come.
    pub per: Duration,
}

/// The state that the app's machines share.
#[derive(Clone, Copy)]
pub struct SharedStateSpec {
    /// The URL of a Redis, or of one node of a Redis Cluster, `redis://` or `rediss://`;
    /// [`SecretSetting::None`] where each process knows its own sessions alone. Needs the feature
    /// `redis`.
    pub redis: SecretSetting,
    /// The text that its keys begin with, before the hash of issuer and client id that keeps apps apart.
    /// `authsafe:`.
    pub prefix: &'static str,
    /// Tells to refuse (503) where the shared state does not answer, rather than serve a session that
    /// another machine may have ended. No.
    pub fail_closed: bool,
}

impl SharedStateSpec {
    /// Nothing is shared.
    pub const DEFAULT: Self = Self {
        redis: SecretSetting::None,
        prefix: "authsafe:",
        fail_closed: false,
    };
}
