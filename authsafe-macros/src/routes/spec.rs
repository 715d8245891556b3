//! What the attribute means, complete and checked. `None` and nothing are the runtime's defaults.

use authsafe_rules::default;
use syn::{LitStr, Path};

use crate::condition::Condition;
use crate::unauthenticated::Unauthenticated;
use crate::value::{Env, EnvDefault, Value};

pub(crate) struct Spec {
    /// The path of all that generated code names of the runtime.
    pub(crate) runtime: Path,
    pub(crate) domain: Option<Setting>,
    pub(crate) client_id: Option<Setting>,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) cookie_secret: Option<Secret>,
    pub(crate) app_url: Option<Setting>,
    pub(crate) ca_file: Option<Setting>,
    pub(crate) base_path: Option<LitStr>,
    pub(crate) paths: Vec<(&'static str, LitStr)>,
    pub(crate) scopes: Option<Vec<LitStr>>,
    pub(crate) roles: Option<Vec<LitStr>>,
    pub(crate) tenants: Option<Tenants>,
    pub(crate) provider: Provider,
    /// Each with its name.
    pub(crate) authorize: Vec<(LitStr, Setting)>,
    pub(crate) response_mode: Option<ResponseMode>,
    pub(crate) forward: Option<Vec<LitStr>>,
    pub(crate) landing: Option<Vec<Landing>>,
    pub(crate) after_logout: Option<LitStr>,
    /// In bytes.
    pub(crate) keep_post: Option<usize>,
    /// The pages of the app's own, each by its key.
    pub(crate) pages: Vec<(&'static str, LitStr)>,
    pub(crate) logout: Option<Logout>,
    pub(crate) revoke_at_logout: Option<bool>,
    pub(crate) clear_site_data: Option<Vec<LitStr>>,
    pub(crate) endpoints: Endpoints,
    /// Those that tokens may be signed by.
    pub(crate) algorithms: Option<Vec<LitStr>>,
    pub(crate) userinfo: Option<AskUserInfo>,
    /// The paths of `claims(...)`, and those of `keep(...)`.
    pub(crate) claims: Vec<(&'static str, Vec<LitStr>)>,
    pub(crate) session: Session,
    pub(crate) bearer: Option<Bearer>,
    pub(crate) cross_origin: Option<CrossOrigin>,
    pub(crate) cookies: Cookies,
    pub(crate) rate_limit: Vec<(&'static str, u32, u64)>,
    pub(crate) trusted_proxies: Option<Vec<LitStr>>,
    pub(crate) shared_state: SharedState,
    pub(crate) protect: Vec<Protect>,
    pub(crate) public: Vec<LitStr>,
    pub(crate) unauthenticated: Option<Unauthenticated>,
    pub(crate) on_event: Option<Path>,
    pub(crate) on_error: Option<Path>,
    pub(crate) known: Known,
}

/// The names that are known whatever else is wrong with the attribute. None: nothing is known about them.
pub(crate) struct Known {
    /// The scopes that sign-in requests.
    pub(crate) scopes: Vec<String>,
    pub(crate) roles: Vec<String>,
}

impl Spec {
    /// Returns the path below which the endpoints lie.
    pub(crate) fn base(&self) -> String {
        let base = self.base_path.as_ref();
        base.map_or(default::BASE_PATH.to_owned(), LitStr::value)
    }

    /// Returns the path of each endpoint by its name; those that are there in any case come first.
    pub(crate) fn endpoint_paths(&self) -> impl Iterator<Item = (&'static str, String)> {
        let base = self.base();
        let optional = self.paths.iter().map(|&(name, _)| name);
        let optional = optional.filter(|name| !default::PATHS.contains(name));
        let names = default::PATHS.into_iter().chain(optional);
        names.map(move |name| {
            let written = self.paths.iter().find(|(key, _)| *key == name);
            let path = written.map_or(name.to_owned(), |(_, path)| path.value());
            (name, format!("{base}/{path}"))
        })
    }
}

pub(crate) enum Setting {
    Literal(LitStr),
    Env {
        name: LitStr,
        default: Option<LitStr>,
    },
    Value(Path),
}

pub(crate) enum Secret {
    None,
    Env(LitStr),
    OptionalEnv(LitStr),
    Value(Path),
}

/// How the client secret goes to the provider.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ClientAuth {
    Auto,
    Basic,
    Post,
}

pub(crate) struct Landing {
    pub(crate) when: Condition,
    pub(crate) to: LitStr,
    pub(crate) always: bool,
}

/// Whose users may sign in.
pub(crate) enum Tenants {
    Any,
    Of(Vec<LitStr>),
}

/// Seconds.
#[derive(Default)]
pub(crate) struct Provider {
    pub(crate) timeout: Option<u64>,
    pub(crate) leeway: Option<u64>,
}

/// How the provider answers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ResponseMode {
    Query,
    FormPost,
}

/// Where a logout goes.
#[derive(Clone)]
pub(crate) enum Logout {
    Local,
    Provider,
    /// To the provider, told in this parameter where to come back to.
    By(LitStr),
}

pub(crate) struct Protect {
    pub(crate) path: LitStr,
    pub(crate) when: Condition,
}

#[derive(Default)]
pub(crate) struct Endpoints {
    pub(crate) urls: Vec<(&'static str, Setting)>,
    pub(crate) authsafe: Option<bool>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum AskUserInfo {
    Auto,
    Always,
    Never,
}

/// Seconds.
#[derive(Default)]
pub(crate) struct Session {
    pub(crate) max_age: Option<u64>,
    pub(crate) idle: Option<u64>,
    pub(crate) transaction: Option<u64>,
    pub(crate) auto_refresh: Option<bool>,
    pub(crate) refresh_before: Option<u64>,
    pub(crate) grace: Option<u64>,
    pub(crate) keep: Keep,
    pub(crate) store: Option<Store>,
}

/// Which tokens sessions keep.
#[derive(Default)]
pub(crate) struct Keep {
    pub(crate) id_token: Option<bool>,
    pub(crate) access_token: Option<bool>,
}

/// The place of sessions that are not in cookies.
pub(crate) enum Store {
    Redis,
    Custom(Path),
}

pub(crate) struct Bearer {
    pub(crate) audience: Setting,
    /// Seconds.
    pub(crate) max_age: Option<u64>,
    pub(crate) opaque_without_audience: Option<bool>,
}

/// Whose pages may ask to change something.
pub(crate) enum CrossOrigin {
    Allow(Vec<Setting>),
    Unchecked,
}

#[derive(Default)]
pub(crate) struct Cookies {
    pub(crate) name: Option<LitStr>,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) secure: Option<bool>,
    pub(crate) domain: Option<Setting>,
    pub(crate) path: Option<LitStr>,
}

#[derive(Default)]
pub(crate) struct SharedState {
    pub(crate) redis: Option<Secret>,
    pub(crate) prefix: Option<LitStr>,
    pub(crate) fail_closed: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    Lax,
    None,
}

impl Setting {
    /// Returns the setting that was written, if it can be one.
    pub(crate) fn of(value: Value) -> Option<Self> {
        match value {
            Value::Literal(text) => Some(Self::Literal(text)),
            Value::Path(path) => Some(Self::Value(path)),
            Value::Env(Env { name, default }) => match default {
                None => Some(Self::Env {
                    name,
                    default: None,
                }),
                Some(EnvDefault::Literal(text)) => Some(Self::Env {
                    name,
                    default: Some(text),
                }),
                Some(EnvDefault::None(_)) => None,
            },
            Value::None(_) => None,
        }
    }

    /// Returns the text that is known already.
    pub(crate) fn text(&self) -> Option<&LitStr> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Env { default, .. } => default.as_ref(),
            Self::Value(_) => None,
        }
    }
}
