//! What is true at start-up: settings read, URLs parsed, every problem collected.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use authsafe_rules::cookie::Facts;
use authsafe_rules::rule::{self, Rule};
use authsafe_rules::wrong::{Wrong, shown};
use authsafe_rules::{origin, target, text};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::path_rules::PathRules;
use crate::protocol::client::ClientRegistration;
use crate::protocol::discovery::{self, Overrides, endpoint_url_over};
use crate::protocol::forwarded::Network;
use crate::protocol::jwks;
use crate::protocol::origin::OwnOrigins;
use crate::protocol::resource_metadata;
use crate::session::cookie::{Cookies, Style};
use crate::session::seal::Keys;
use crate::spec::{
    BearerSpec, CrossOrigin, Parameter, ResponseMode, SameSite, SecretSetting, Setting, SpecParts,
};
use crate::types::{self, AppUrl, Http, Issuer, Reason, Subjects, audience, cookie_domain};

/// What the setting of the shared state has to be.
const REDIS: &str =
    "the URL of the Redis that the machines share, like `rediss://:password@redis.example.com`";

/// The fewest bytes of a cookie secret.
const MIN_SECRET: usize = 32;

/// How long a browser keeps the cookie of a session that is over, where the app has a page for who comes back.
const KEPT_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Everything that the endpoints need to know, checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) client: Arc<ClientRegistration>,
    pub(crate) app_url: AppUrl,
    /// Whose pages may ask to change something.
    pub(crate) origins: OwnOrigins,
    pub(crate) ca_file: Option<String>,
    /// What the authorization request has besides.
    pub(crate) authorize: Vec<(&'static str, String)>,
    /// `None`: no bearer tokens are taken.
    pub(crate) bearer: Option<Bearer>,
    pub(crate) cookies: Cookies,
    pub(crate) proxies: Vec<Network>,
    pub(crate) keys: Arc<Keys>,
    /// The URL of the shared state.
    pub(crate) redis: Option<SecretString>,
}

/// Which access tokens are taken.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) audience: String,
    pub(crate) max_age: Duration,
    pub(crate) opaque_without_audience: bool,
    /// Where the metadata of RFC 9728 is, where there is any.
    pub(crate) metadata: Option<Url>,
}

/// The reasons that sign-in cannot start: every problem, each with its setting and what to write.
///
/// Prints as a list for people, by `Debug` too: that is what a `main` prints that returns it. It never holds a
/// secret's value.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub struct StartError {
    problems: Vec<Problem>,
}

impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StartError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Returns the problems, in the order of the settings.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns whether all that is wrong is that settings are missing: nobody has configured sign-in yet.
    #[must_use]
    pub fn is_unconfigured(&self) -> bool {
        self.problems.iter().all(Problem::is_missing)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let problems = if count == 1 { "problem" } else { "problems" };
        write!(f, "sign-in cannot start: {count} {problems}")?;
        for problem in &self.problems {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    setting: &'static str,
    variable: Option<&'static str>,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Missing { what: String, instead: String },
    Wrong(Wrong),
}

impl Problem {
    /// Returns the key of `#[authsafe::routes(...)]`.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// Returns the environment variable that the setting is read from, if there is one.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        self.variable
    }

    /// Returns the value that is there: in quotes, cut if it is long, and without a password. `None`: there is none,
    /// or it is a secret.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        match &self.what {
            What::Missing { .. } => None,
            What::Wrong(wrong) => wrong.found.as_deref(),
        }
    }

    /// Returns what is wrong with the value, or that there is none.
    #[must_use]
    pub fn reason(&self) -> &str {
        match &self.what {
            What::Missing { what, .. } => what,
            What::Wrong(wrong) => &wrong.because,
        }
    }

    /// Returns what to do instead: "write ...".
    #[must_use]
    pub fn advice(&self) -> &str {
        match &self.what {
            What::Missing { instead, .. } => instead,
            What::Wrong(wrong) => &wrong.instead,
        }
    }

    fn is_missing(&self) -> bool {
        matches!(self.what, What::Missing { .. })
    }

    fn wrong(setting: &'static str, variable: Option<&'static str>, wrong: Wrong) -> Self {
        let what = What::Wrong(wrong);
        Self {
            setting,
            variable,
            what,
        }
    }

    /// A problem with a secret, or with what no setting says by itself: without the value.
    fn unseen(
        setting: &'static str,
        variable: Option<&'static str>,
        because: impl Into<String>,
        write: &str,
    ) -> Self {
        let wrong = Wrong {
            found: None,
            because: because.into(),
            instead: format!("write {write}"),
        };
        Self::wrong(setting, variable, wrong)
    }

    fn keys(spec: &SpecParts) -> Self {
        let variable = spec.cookie_secret.variable();
        Self::unseen("cookie_secret", variable, "it gave no keys", "another one")
    }

    /// A problem with what calls to the provider are made with.
    pub(crate) fn http(spec: &SpecParts, ca_file: Option<&str>, what: &dyn fmt::Display) -> Self {
        let variable = spec.ca_file.as_ref().and_then(Setting::variable);
        let wrong = Wrong {
            found: ca_file.map(shown),
            because: format!("it {what}"),
            instead: "write the path of a file with certificates in PEM form".to_owned(),
        };
        Self::wrong("ca_file", variable, wrong)
    }

    /// A problem with the shared state.
    pub(crate) fn redis(spec: &SpecParts, what: &dyn fmt::Display) -> Self {
        let variable = spec.shared_state.redis.variable();
        Self::unseen("shared_state(redis)", variable, what.to_string(), REDIS)
    }

    /// A problem with the session store.
    pub(crate) fn store(what: &dyn fmt::Display) -> Self {
        let because = format!("it cannot be opened: {what}");
        let write = "the address of one that answers, where its function reads it";
        Self::unseen("session(store)", None, because, write)
    }

    /// A problem with the provider that `domain` names.
    pub(crate) fn provider(spec: &SpecParts, domain: &str, what: &discovery::Wrong) -> Self {
        let (because, instead) = what.parts();
        let because = format!("the provider cannot be used: {because}");
        let wrong = Wrong::new(domain, because, instead);
        Self::wrong("domain", spec.domain.variable(), wrong)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable {
            Some(variable) => write!(f, "{variable} ({}) ", self.setting)?,
            None => write!(f, "{} ", self.setting)?,
        }
        match &self.what {
            What::Missing { what, instead } => write!(f, "{what}; {instead}"),
            What::Wrong(wrong) => fmt::Display::fmt(wrong, f),
        }
    }
}

/// What is said of a setting that is not there.
const MISSING: &str = "is missing";

/// Reads settings by a look-up of variables, and remembers what is wrong.
struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn wrong(&mut self, key: &'static str, variable: Option<&'static str>, wrong: Wrong) {
        self.problems.push(Problem::wrong(key, variable, wrong));
    }

    fn missing(
        &mut self,
        setting: &'static str,
        variable: Option<&'static str>,
        what: impl Into<String>,
        write: &str,
    ) {
        let (what, instead) = (what.into(), format!("write {write}"));
        self.problems.push(Problem {
            setting,
            variable,
            what: What::Missing { what, instead },
        });
    }

    /// A variable's value without the blanks around it; one that is empty is not set.
    fn variable(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn value(&self, setting: &Setting) -> Option<String> {
        let value = match setting {
            Setting::Literal(text) => Some((*text).to_owned()),
            Setting::Env { name, default } => {
                self.variable(name).or_else(|| default.map(str::to_owned))
            }
            Setting::Value(source) => Some(source.value()),
        };
        value.filter(|value| !value.is_empty())
    }

    fn text(
        &mut self,
        key: &'static str,
        setting: &Setting,
        write: &'static str,
    ) -> Option<String> {
        let value = self.value(setting);
        if value.is_none() {
            self.missing(key, setting.variable(), MISSING, write);
        }
        value
    }

    /// Reads a setting, holds it to the rule that the compiler holds it to, and says what it is.
    fn parsed<T, E>(
        &mut self,
        key: &'static str,
        setting: &Setting,
        write: &'static str,
        rule: &Rule,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(key, setting, write)?;
        self.held(key, setting, &text, rule, parse)
    }

    /// The same, of a setting that is what is written.
    fn plain(
        &mut self,
        key: &'static str,
        setting: &Setting,
        write: &'static str,
        rule: &Rule,
    ) -> Option<String> {
        let parse = |text: &str| Ok::<_, Reason>(text.to_owned());
        self.parsed(key, setting, write, rule, parse)
    }

    /// The same, of a value that has been read.
    fn held<T, E>(
        &mut self,
        key: &'static str,
        setting: &Setting,
        text: &str,
        rule: &Rule,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let wrong = match (rule.check)(text) {
            Ok(()) => match parse(text) {
                Ok(it) => return Some(it),
                Err(_) => rule.wrong(text, &text::Reason::NoUrl),
            },
            Err(reason) => rule.wrong(text, &reason),
        };
        self.wrong(key, setting.variable(), wrong);
        None
    }

    fn endpoint(
        &mut self,
        key: &'static str,
        setting: Option<&Setting>,
        http: Http,
    ) -> Option<Url> {
        let write = "the endpoint's URL, like `https://id.example.com/auth/token`";
        let rule = match http {
            Http::OnLoopback => &rule::ENDPOINT_URL,
            Http::Anywhere => &rule::ENDPOINT_URL_OR_HTTP,
        };
        let parse = |text: &str| endpoint_url_over(text, http);
        self.parsed(key, setting?, write, rule, parse)
    }

    /// Takes from what is told each value with a secret in it, which is there by mistake.
    fn hide<'s>(&mut self, secrets: impl Iterator<Item = &'s SecretString> + Clone) {
        for problem in &mut self.problems {
            let What::Wrong(wrong) = &mut problem.what else {
                continue;
            };
            // What is shown may be cut. A secret of a few letters is in many words.
            let holds = |it: &SecretString| {
                let begin: String = it.expose_secret().chars().take(32).collect();
                let begin = begin.escape_debug().to_string();
                let found = wrong.found.as_deref().unwrap_or_default();
                match begin.len() < 8 {
                    true => !begin.is_empty() && found.trim_matches('"') == begin,
                    false => found.contains(&begin) || wrong.instead.contains(&begin),
                }
            };
            if secrets.clone().any(holds) {
                wrong.found = None;
                wrong.instead = "write what it is for, which is no secret".to_owned();
            }
        }
    }

    /// The outer `None` is a problem, the inner one is no secret.
    fn secret(
        &mut self,
        key: &'static str,
        setting: &SecretSetting,
        write: &'static str,
    ) -> Option<Option<SecretString>> {
        match setting {
            SecretSetting::None => Some(None),
            SecretSetting::Value(source) => Some(Some(source.secret())),
            SecretSetting::OptionalEnv { name } => {
                Some(self.variable(name).map(SecretString::from))
            }
            SecretSetting::Env { name } => {
                let Some(value) = self.variable(name) else {
                    self.missing(key, Some(name), MISSING, write);
                    return None;
                };
                Some(Some(SecretString::from(value)))
            }
        }
    }
}

impl Config {
    /// Returns what is on plain http and not on this machine, by its setting.
    pub(crate) fn on_plain_http(&self) -> Vec<(&'static str, String)> {
        let by_hand = &self.client.endpoints;
        let url = |url: &Option<Url>| url.as_ref().map(Url::to_string);
        let settings = [
            ("app_url", Some(self.app_url.origin())),
            ("domain", Some(self.client.domain.as_str().to_owned())),
            ("endpoints(authorization)", url(&by_hand.authorization)),
            ("endpoints(token)", url(&by_hand.token)),
            ("endpoints(jwks)", url(&by_hand.jwks)),
            ("endpoints(userinfo)", url(&by_hand.userinfo)),
            ("endpoints(revocation)", url(&by_hand.revocation)),
            ("endpoints(introspection)", url(&by_hand.introspection)),
            ("endpoints(end_session)", url(&by_hand.end_session)),
        ];
        let settings = settings.into_iter();
        settings
            .filter_map(|(setting, url)| Some((setting, url?)))
            .filter(|(_, url)| is_plain_http(url))
            .collect()
    }

    /// Reads what `spec` says, its variables by `lookup`.
    pub(crate) fn read(
        spec: &SpecParts,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, StartError> {
        let mut reader = Reader {
            lookup,
            problems: Vec::new(),
        };
        let app_url = app_url(&mut reader, spec);
        // Told in the order of the settings.
        let of_app_url = core::mem::take(&mut reader.problems);
        // An app on http is on this machine or in a private network, and so may its provider be. No app on
        // https has one.
        let http = match &app_url {
            Some(app_url) if !app_url.is_https() => Http::Anywhere,
            _ => Http::OnLoopback,
        };
        let issuer = |text: &str| Issuer::parse_over(text, http);
        let (domain_rule, issuer_rule) = match http {
            Http::OnLoopback => (&rule::DOMAIN, &rule::ISSUER),
            Http::Anywhere => (&rule::DOMAIN_OR_HTTP, &rule::ISSUER_OR_HTTP),
        };
        let domain = reader.parsed(
            "domain",
            &spec.domain,
            "the provider's issuer, like `https://identities.authsafe.in`",
            domain_rule,
            issuer,
        );
        let named = spec.endpoints.issuer.as_ref().map(|setting| {
            reader.parsed(
                "endpoints(issuer)",
                setting,
                "the `iss` of its tokens, like `https://id.example.com`",
                issuer_rule,
                |text| Ok::<_, Reason>((issuer(text)?, text.to_owned())),
            )
        });
        let (issuer, named_issuer) = match named {
            Some(named) => named.unzip(),
            None => (domain.clone(), None),
        };
        let client_id = reader.plain(
            "client_id",
            &spec.client_id,
            "the client id that the provider gave the app",
            &rule::ANYTHING,
        );
        let client_secret = reader.secret(
            "client_secret",
            &spec.client_secret,
            "the client secret that the provider gave the app, or `client_secret = none` in the attribute for a public client",
        );
        if let Some(Some(secret)) = &client_secret {
            let because = match text::value(secret.expose_secret()) {
                Err(text::Reason::Variable(_)) => "it is the name of a variable, and not its value",
                Err(_) => "it is empty",
                Ok(()) => "",
            };
            if !because.is_empty() {
                let variable = spec.client_secret.variable();
                let write = "the client secret that the provider gave the app";
                let problem = Problem::unseen("client_secret", variable, because, write);
                reader.problems.push(problem);
            }
        }
        let secrets = cookie_secrets(&mut reader, spec);
        if let (Some(Some(client)), Some(cookie)) = (&client_secret, &secrets) {
            two_secrets(&mut reader, spec, client, cookie);
        }
        reader.problems.extend(of_app_url);
        let ca_file = spec.ca_file.as_ref().and_then(|setting| {
            let write = "the path of a PEM file";
            reader.plain("ca_file", setting, write, &rule::CA_FILE)
        });
        let authorize = parameters(&mut reader, spec);
        let by_hand = &spec.endpoints;
        let mut endpoint =
            |key, setting: &Option<Setting>| reader.endpoint(key, setting.as_ref(), http);
        let endpoints = Overrides {
            authorization: endpoint("endpoints(authorization)", &by_hand.authorization),
            token: endpoint("endpoints(token)", &by_hand.token),
            jwks: endpoint("endpoints(jwks)", &by_hand.jwks),
            userinfo: endpoint("endpoints(userinfo)", &by_hand.userinfo),
            revocation: endpoint("endpoints(revocation)", &by_hand.revocation),
            introspection: endpoint("endpoints(introspection)", &by_hand.introspection),
            end_session: endpoint("endpoints(end_session)", &by_hand.end_session),
        };
        let bearer = spec.bearer.as_ref();
        let bearer = bearer.and_then(|bearer| bearer_tokens(&mut reader, bearer));
        let origins = origins(&mut reader, spec, app_url.as_ref());
        let cookies = cookies(&mut reader, spec, app_url.as_ref());
        let redis = reader.secret("shared_state(redis)", &spec.shared_state.redis, REDIS);
        let proxies = proxies(&mut reader, spec);
        if let Err(problems) = PathRules::new(spec) {
            for (key, wrong) in problems {
                reader.wrong(key, None, wrong);
            }
        }
        pages(&mut reader, spec);
        let known = [
            client_secret.as_ref().and_then(Option::as_ref),
            redis.as_ref().and_then(Option::as_ref),
        ];
        let known = known.into_iter().flatten();
        reader.hide(known.chain(secrets.iter().flatten()));
        let read = || {
            Some((
                domain?,
                issuer?,
                client_id?,
                client_secret?,
                secrets?,
                app_url?,
                origins?,
                cookies?,
            ))
        };
        let Some((domain, issuer, client_id, client_secret, secrets, app_url, origins, cookies)) =
            read().filter(|_| reader.problems.is_empty())
        else {
            return Err(StartError::new(reader.problems));
        };
        // `sub` means something with its issuer alone (OpenID Connect Core §5.7), and so does
        // a session: apps that share a secret do not take one another's.
        let keys = Keys::derive(&secrets, &[issuer.as_str(), &client_id]);
        let keys = keys.map_err(|_| StartError::new(vec![Problem::keys(spec)]))?;
        let callback = format!("{}/{}", spec.base_path, spec.paths.callback);
        let subjects = match by_hand.authsafe || issuer.is_authsafes_own() {
            true => Subjects::AuthSafe,
            false => Subjects::Plain,
        };
        let are_authsafes = domain.is_authsafes_own() && issuer.is_authsafes_own();
        let client = ClientRegistration {
            id: client_id,
            secret: client_secret,
            client_auth: spec.client_auth,
            redirect_uri: app_url.join(&callback),
            scopes: spec.scopes.iter().copied().collect(),
            domain,
            issuer,
            named_issuer,
            tenants: spec.tenants,
            http,
            leeway: spec.provider.leeway,
            subjects,
            endpoints,
            algorithms: jwks::named(spec.algorithms),
            claims: spec.claims,
            has_fixed_paths: by_hand.authsafe || are_authsafes,
        };
        Ok(Self {
            client: Arc::new(client),
            app_url,
            origins,
            ca_file,
            authorize,
            bearer,
            cookies,
            proxies,
            redis: redis.flatten(),
            keys: Arc::new(keys),
        })
    }
}

/// Returns where browsers reach the app. A path of it belongs into `base_path`, which is told whole.
fn app_url(reader: &mut Reader<'_>, spec: &SpecParts) -> Option<AppUrl> {
    let (key, write) = (
        "app_url",
        "the origin at which browsers reach the app, like `https://shop.example.com` or `http://localhost:3000`",
    );
    let setting = &spec.app_url;
    let text = reader.text(key, setting, write)?;
    if text::app_url(&text) == Err(text::Reason::PathOfApp) {
        let mut wrong = rule::APP_URL.wrong(&text, &text::Reason::PathOfApp);
        let url = Url::parse(&text).ok();
        let path = url
            .as_ref()
            .map_or("", |it| it.path().trim_end_matches('/'));
        wrong.instead = app_url_without(path, spec.base_path, &wrong.instead);
        reader.wrong(key, setting.variable(), wrong);
        return None;
    }
    reader.held(key, setting, &text, &rule::APP_URL, AppUrl::parse)
}

/// Says what to write for an app URL with a path, which belongs into `base_path`.
fn app_url_without(path: &str, base_path: &str, write: &str) -> String {
    match base_path.starts_with(path) {
        true => {
            let origin = write.split(", and").next().unwrap_or(write);
            format!("{origin}: `base_path` has the path already")
        }
        false => format!(
            "{write}, as in `base_path = \"{path}{base_path}\"`; proxies pass paths on whole"
        ),
    }
}

/// Returns whether it is http, and not to this machine.
fn is_plain_http(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let host = Url::parse(url).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or(rest);
    let is_here =
        ["localhost", "127.0.0.1", "[::1]"].contains(&host) || host.ends_with(".localhost");
    !is_here
}

/// Returns what the authorization request has besides.
fn parameters(reader: &mut Reader<'_>, spec: &SpecParts) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if spec.response_mode == ResponseMode::FormPost {
        parameters.push(("response_mode", "form_post".to_owned()));
    }
    for Parameter { name, value } in spec.authorize {
        let (key, variable) = ("authorize", value.variable());
        let write = "the one that the provider expects";
        let Some(text) = reader.value(value) else {
            reader.missing(key, variable, format!("has no value for `{name}`"), write);
            continue;
        };
        match text::parameter_value(&text) {
            Ok(()) => parameters.push((*name, text)),
            Err(reason) => {
                let because = format!("it is the value of `{name}`, and {reason}");
                reader.wrong(
                    key,
                    variable,
                    Wrong::new(&text, because, format!("write {write}")),
                );
            }
        }
    }
    parameters
}

/// Returns which access tokens are taken.
fn bearer_tokens(reader: &mut Reader<'_>, spec: &BearerSpec) -> Option<Bearer> {
    let audience = reader.parsed(
        "bearer(audience)",
        &spec.audience,
        "the `aud` of the tokens that are for this app, like `https://api.example.com`",
        &rule::AUDIENCE,
        audience,
    )?;
    Some(Bearer {
        metadata: resource_metadata::metadata_url(&audience),
        audience,
        max_age: spec.max_age,
        opaque_without_audience: spec.opaque_without_audience,
    })
}

/// The app's own proxies.
fn proxies(reader: &mut Reader<'_>, spec: &SpecParts) -> Vec<Network> {
    let mut proxies = Vec::new();
    for text in spec.trusted_proxies {
        match Network::parse(text) {
            Ok(network) => proxies.push(network),
            Err(reason) => {
                reader.wrong("trusted_proxies", None, rule::NETWORK.wrong(text, &reason));
            }
        }
    }
    proxies
}

/// Returns whose pages may ask to change something.
fn origins(
    reader: &mut Reader<'_>,
    spec: &SpecParts,
    app_url: Option<&AppUrl>,
) -> Option<OwnOrigins> {
    let write = "an origin, like `https://admin.example.com`";
    let allowed = match spec.cross_origin {
        CrossOrigin::Allow(allowed) => allowed,
        CrossOrigin::Unchecked => &[],
    };
    let mut others = Vec::new();
    for setting in allowed {
        let origin = reader.parsed("cross_origin", setting, write, &rule::ORIGIN, types::origin)?;
        if let Some(wrong) = origin::wrong_beside(&origin, &app_url?.origin()) {
            reader.wrong("cross_origin", setting.variable(), wrong);
        }
        others.push(origin);
    }
    Some(OwnOrigins::new(app_url?.origin(), others))
}

/// Returns what cookies look like; what no browser would take is a problem.
fn cookies(reader: &mut Reader<'_>, spec: &SpecParts, app_url: Option<&AppUrl>) -> Option<Cookies> {
    let domain = match &spec.cookies.domain {
        Some(setting) => {
            let write = "a domain without scheme or port, like `example.com`";
            let (key, rule) = ("cookies(domain)", &rule::COOKIE_DOMAIN);
            Some(reader.parsed(key, setting, write, rule, cookie_domain)?)
        }
        None => None,
    };
    let app_url = app_url?;
    let endpoints: Vec<_> = spec.endpoint_paths();
    let endpoints: Vec<_> = endpoints
        .iter()
        .map(|(name, path)| (*name, &**path))
        .collect();
    let protect: Vec<&str> = spec.protect.iter().map(|rule| rule.path).collect();
    let origin = app_url.origin();
    let facts = Facts {
        name: Some(spec.cookies.name),
        same_site_none: spec.cookies.same_site == SameSite::None,
        secure: spec.cookies.secure,
        has_domain: domain.is_some(),
        domain: domain.as_deref(),
        path: Some(spec.cookies.path),
        app_url: Some(&origin),
        endpoints: &endpoints,
        protect: &protect,
    };
    for (key, wrong) in facts.wrong() {
        let (key, variable) = match key {
            "name" => ("cookies(name)", None),
            "same_site" => ("cookies(same_site)", None),
            "secure" => ("cookies(secure)", None),
            "domain" => (
                "cookies(domain)",
                spec.cookies.domain.as_ref().and_then(Setting::variable),
            ),
            _ => ("cookies(path)", None),
        };
        reader.wrong(key, variable, wrong);
    }
    Some(Cookies::new(Style {
        name: spec.cookies.name,
        port: app_url.loopback_port(),
        same_site: match spec.cookies.same_site {
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        },
        secure: spec.cookies.secure.unwrap_or(app_url.is_https()),
        domain,
        path: spec.cookies.path,
        base_path: spec.base_path,
        kept_after: match spec.pages.expired.is_some() || spec.keep_post.is_some() {
            true => KEPT_AFTER,
            false => Duration::ZERO,
        },
    }))
}

/// Reports pages of the app at which a browser meets an endpoint.
fn pages(reader: &mut Reader<'_>, spec: &SpecParts) {
    let endpoints = spec.endpoint_paths();
    let pages = &spec.pages;
    let landing = spec.landing.iter().map(|rule| ("landing", Some(rule.to)));
    let others = [
        ("after_logout", Some(spec.after_logout)),
        ("pages(error)", pages.error),
        ("pages(expired)", pages.expired),
        ("pages(sign_in)", pages.sign_in),
    ];
    for (key, page) in landing.chain(others) {
        let endpoints = endpoints.iter().map(|(name, path)| (*name, &**path));
        let wrong = page.and_then(|page| target::wrong_page(page, endpoints));
        if let Some(wrong) = wrong {
            reader.wrong(key, None, wrong);
        }
    }
}

/// Reports a client secret that cookies are sealed under too. The comparison takes as long wherever
/// they differ.
fn two_secrets(
    reader: &mut Reader<'_>,
    spec: &SpecParts,
    client: &SecretString,
    cookie: &[SecretString],
) {
    let hash = |secret: &str| digest(&SHA256, secret.as_bytes());
    let is_one = |(one, other): (&str, &SecretString)| {
        let (one, other) = (hash(one), hash(other.expose_secret()));
        verify_slices_are_equal(one.as_ref(), other.as_ref()).is_ok()
    };
    let client = client.expose_secret().split(',').map(str::trim);
    let pairs = client.flat_map(|one| cookie.iter().map(move |other| (one, other)));
    if pairs.filter(|it| is_one(*it)).count() > 0 {
        let because = "it is the client secret too: the provider, and whoever else knows that, could seal a session";
        let write = "a secret of its own, like the output of `openssl rand -base64 32`";
        let variable = spec.cookie_secret.variable();
        let problem = Problem::unseen("cookie_secret", variable, because, write);
        reader.problems.push(problem);
    }
}

/// The cookie secrets, the one that seals first.
fn cookie_secrets(reader: &mut Reader<'_>, spec: &SpecParts) -> Option<Vec<SecretString>> {
    let write = "32 random bytes or more, like the output of `openssl rand -base64 32`";
    let variable = spec.cookie_secret.variable();
    let secret = reader.secret("cookie_secret", &spec.cookie_secret, write)?;
    let Some(secret) = secret else {
        reader.missing("cookie_secret", variable, MISSING, write);
        return None;
    };
    // The first seals, all open: a new one goes in front, and the old one leaves after `max_age`.
    let secrets: Vec<SecretString> = secret
        .expose_secret()
        .split(',')
        .map(|secret| SecretString::from(secret.trim()))
        .collect();
    if let Some(reason) = secrets.iter().find_map(|it| check_cookie_secret(it).err()) {
        let problem = Problem::unseen("cookie_secret", variable, reason.0, write);
        reader.problems.push(problem);
        return None;
    }
    Some(secrets)
}

/// Checks that a cookie secret is long enough, and not plainly guessable.
fn check_cookie_secret(secret: &SecretString) -> Result<(), Reason> {
    let bytes = secret.expose_secret().as_bytes();
    if bytes.len() < MIN_SECRET {
        return Err(Reason("it is shorter than 32 bytes"));
    }
    let mut seen = [false; 256];
    for &byte in bytes {
        seen[usize::from(byte)] = true;
    }
    // 32 random hexadecimal digits have 8 different ones or more, but for one time in a million.
    if seen.iter().filter(|&&seen| seen).count() < 8 {
        return Err(Reason("it repeats a few characters: anybody can guess it"));
    }
    let text = secret.expose_secret().to_ascii_lowercase();
    const COMMON: [&str; 8] = [
        "secret",
        "password",
        "changeme",
        "change-me",
        "change_me",
        "example",
        "insecure",
        "default",
    ];
    if COMMON.iter().any(|word| text.contains(word)) {
        return Err(Reason(
            "it holds a word that says it was not made at random",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A";

    fn read(vars: &[(&str, &str)]) -> Result<Config, StartError> {
        Config::read(&SpecParts::DEFAULT, &|name| {
            let found = vars.iter().find(|(key, _)| *key == name)?;
            Some(found.1.to_owned())
        })
    }

    fn good() -> Vec<(&'static str, &'static str)> {
        vec![
            ("AUTHSAFE_CLIENT_ID", "app"),
            ("AUTHSAFE_CLIENT_SECRET", "s"),
            ("AUTHSAFE_COOKIE_SECRET", SECRET),
            ("APP_URL", "https://app.example"),
        ]
    }

    /// Returns what is reported when one variable is another.
    fn problem(name: &'static str, value: &'static str) -> String {
        let mut vars = good();
        vars.retain(|(key, _)| *key != name);
        vars.push((name, value));
        let error = read(&vars).unwrap_err();
        assert_eq!(error.problems().len(), 1, "{error}");
        assert_eq!(error.problems()[0].variable(), Some(name));
        error.to_string()
    }

    #[test]
    fn good_variables_are_a_configuration() {
        let config = read(&good()).unwrap();
        let client = &config.client;
        assert_eq!(client.issuer.as_str(), "https://identities.authsafe.in");
        assert_eq!(client.redirect_uri, "https://app.example/api/auth/callback");
    }

    #[test]
    fn a_path_in_the_app_url_is_told_where_it_belongs() {
        let told = problem("APP_URL", "https://app.example/shop/");
        let expected = "APP_URL (app_url) cannot be \"https://app.example/shop/\": it has a path; write \
                        \"https://app.example\", and begin `base_path` with \"/shop\", as in \
                        `base_path = \"/shop/api/auth\"`; proxies pass paths on whole";
        assert!(told.contains(expected), "{told}");
        let told = problem("APP_URL", "https://app.example/api");
        assert!(
            told.contains(
                "it has a path; write \"https://app.example\": `base_path` has the path already"
            ),
            "{told}"
        );
    }

    #[test]
    fn authsafe_is_known_by_its_own_hosts_and_where_the_attribute_says_so() {
        let read = |domain, issuer: Option<&'static str>, authsafe| {
            let endpoints = crate::spec::Endpoints {
                issuer: issuer.map(Setting::Literal),
                authsafe,
                ..crate::spec::Endpoints::DEFAULT
            };
            let spec = SpecParts {
                domain: Setting::Literal(domain),
                endpoints,
                ..SpecParts::DEFAULT
            };
            let vars = good();
            let lookup = |name: &str| Some(vars.iter().find(|(key, _)| *key == name)?.1.to_owned());
            let config = Config::read(&spec, &lookup).unwrap();
            (config.client.has_fixed_paths, config.client.subjects)
        };
        let (own, other) = ("https://identities.authsafe.in", "https://id.example");
        assert_eq!(read(own, None, false), (true, Subjects::AuthSafe));
        assert_eq!(read(other, None, false), (false, Subjects::Plain));
        assert_eq!(read(other, None, true), (true, Subjects::AuthSafe));
        // A subject is of its issuer, and so are the tokens that fixed paths would be told.
        assert_eq!(read(own, Some(other), false), (false, Subjects::Plain));
        assert_eq!(read(other, Some(own), false), (false, Subjects::AuthSafe));
    }

    #[test]
    fn all_that_is_missing_is_reported_at_once() {
        let error = read(&[]).unwrap_err();
        assert!(error.is_unconfigured());
        let variables: Vec<_> = error
            .problems()
            .iter()
            .filter_map(Problem::variable)
            .collect();
        assert_eq!(
            variables,
            [
                "AUTHSAFE_CLIENT_ID",
                "AUTHSAFE_CLIENT_SECRET",
                "AUTHSAFE_COOKIE_SECRET",
                "APP_URL"
            ]
        );
        assert!(
            error
                .to_string()
                .starts_with("sign-in cannot start: 4 problems\n  - AUTHSAFE_CLIENT_ID")
        );
    }

    #[test]
    fn an_empty_variable_is_missing() {
        assert!(problem("AUTHSAFE_CLIENT_ID", " ").contains("is missing"));
    }

    #[test]
    fn a_weak_cookie_secret_is_refused_and_not_shown() {
        for (secret, says) in [
            ("hunter2", "shorter than 32 bytes"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats"),
            ("0101010101010101010101010101010101010101", "repeats"),
            (
                "my-secret-0123456789-0123456789-abcdef",
                "not made at random",
            ),
        ] {
            let text = problem("AUTHSAFE_COOKIE_SECRET", secret);
            assert!(text.contains(says), "{text}");
            assert!(!text.contains(secret), "{text}");
        }
    }

    #[test]
    fn every_secret_of_a_list_is_checked() {
        let mut vars = good();
        vars[2].1 = "8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A, Qm3xR8vB1nK7wZ5tY2cL9dF4hJ6gP0sA";
        assert!(read(&vars).is_ok());
        let text = problem(
            "AUTHSAFE_COOKIE_SECRET",
            "8Zz0w5Yt2mVq7cXrKp4nLs9dFh3gJb6A,old",
        );
        assert!(text.contains("shorter than 32 bytes"), "{text}");
    }

    #[test]
    fn a_protected_path_that_the_cookie_is_not_sent_to_is_refused() {
        let with = |protect| {
            let cookies = crate::spec::CookieSpec {
                path: "/api",
                ..crate::spec::CookieSpec::DEFAULT
            };
            let spec = SpecParts {
                cookies,
                protect,
                ..SpecParts::DEFAULT
            };
            let vars = good();
            let lookup = |name: &str| Some(vars.iter().find(|(key, _)| *key == name)?.1.to_owned());
            Config::read(&spec, &lookup).map(drop)
        };
        const fn rule(path: &'static str) -> crate::spec::Protect {
            let when = crate::Policy::SignedIn;
            crate::spec::Protect { path, when }
        }
        assert!(with(const { &[rule("/api/**"), rule("/api2/**")] }).is_err());
        assert!(with(const { &[rule("/api/**")] }).is_ok());
        for protect in [const { &[rule("/app/**")] }, const { &[rule("/**")] }] {
            let error = with(protect).unwrap_err().to_string();
            assert!(error.contains("do not send the session to"), "{error}");
            assert!(error.contains("(`protect`)"), "{error}");
        }
    }

    #[test]
    fn cookies_that_would_not_come_back_are_refused() {
        let with = |cookies: crate::__private::CookieSpec| {
            let spec = SpecParts {
                cookies,
                ..SpecParts::DEFAULT
            };
            let vars = good();
            let lookup = |name: &str| Some(vars.iter().find(|(key, _)| *key == name)?.1.to_owned());
            Config::read(&spec, &lookup)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        let on = |domain| crate::spec::CookieSpec {
            domain: Some(Setting::Literal(domain)),
            ..crate::spec::CookieSpec::DEFAULT
        };
        assert_eq!(with(on("app.example")), Ok(()));
        assert!(
            with(on("shop.example"))
                .unwrap_err()
                .contains("browsers drop")
        );
        assert!(
            with(on("pp.example"))
                .unwrap_err()
                .contains("browsers drop")
        );
        let under = |path| crate::spec::CookieSpec {
            path,
            ..crate::spec::CookieSpec::DEFAULT
        };
        assert_eq!(with(under("/api")), Ok(()));
        for path in ["/app", "/ap", "/api/auth/x"] {
            assert!(
                with(under(path))
                    .unwrap_err()
                    .contains("\"/api/auth/logout\" (`logout`)"),
                "{path}"
            );
        }
    }

    #[test]
    fn urls_are_checked() {
        assert!(
            problem("APP_URL", "http://app.example").contains("it is http, which is for localhost")
        );
        assert!(problem("APP_URL", "https://app.example/shop").contains("base_path"));
        let told = problem("AUTHSAFE_DOMAIN", "https://u:pass@id.example");
        assert!(told.contains("it names a user before `@`"), "{told}");
        assert!(!told.contains("pass"), "{told}");
    }

    #[test]
    fn a_configuration_does_not_print_its_secrets() {
        let text = format!("{:?}", read(&good()).unwrap());
        assert!(!text.contains(SECRET), "{text}");
    }
}
