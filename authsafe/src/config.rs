//! What is true at start-up: settings read, URLs parsed, every problem collected.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use authsafe_rules::text;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::path_rules::PathRules;
use crate::protocol::client::ClientRegistration;
use crate::protocol::discovery::{Overrides, endpoint_url_over};
use crate::protocol::forwarded::Network;
use crate::protocol::jwks;
use crate::protocol::origin::OwnOrigins;
use crate::protocol::resource_metadata;
use crate::session::cookie::{Cookies, Style};
use crate::session::seal::Keys;
use crate::spec::{
    BearerSpec, CrossOrigin, Parameter, ResponseMode, SameSite, SecretSetting, Setting, SpecParts,
};
use crate::types::{AppUrl, Http, Issuer, Reason, Subjects, audience, cookie_domain, origin};

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

/// Why sign-in cannot start: every problem, each with the setting and what to write.
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

    /// The problems, in the order of the settings.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns whether all that is wrong is that settings are missing: nobody has configured sign-in yet.
    #[must_use]
    pub fn is_unconfigured(&self) -> bool {
        self.problems.iter().all(|problem| problem.missing)
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
    what: String,
    write: &'static str,
    missing: bool,
}

impl Problem {
    /// The key of `#[authsafe::routes(...)]`.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        self.setting
    }

    /// The environment variable that it is read from, where it is.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        self.variable
    }

    fn keys(spec: &SpecParts) -> Self {
        Self {
            setting: "cookie_secret",
            variable: secret_variable(&spec.cookie_secret),
            what: "gave no keys".to_owned(),
            write: "another one",
            missing: false,
        }
    }

    /// A problem with what calls to the provider are made with.
    pub(crate) fn http(spec: &SpecParts, what: &dyn fmt::Display) -> Self {
        Self {
            setting: "ca_file",
            variable: spec.ca_file.as_ref().and_then(variable),
            what: what.to_string(),
            write: "the path of a file with certificates in PEM form",
            missing: false,
        }
    }

    /// A problem with the shared state.
    pub(crate) fn redis(spec: &SpecParts, what: &dyn fmt::Display) -> Self {
        Self {
            setting: "shared_state(redis)",
            variable: secret_variable(&spec.shared_state.redis),
            what: what.to_string(),
            write: "the URL of a Redis, like `rediss://:password@redis.example.com`",
            missing: false,
        }
    }

    /// A problem with the session store.
    pub(crate) fn store(what: &dyn fmt::Display) -> Self {
        Self {
            setting: "session(store)",
            variable: None,
            what: format!("cannot be opened: {what}"),
            write: "",
            missing: false,
        }
    }

    /// A problem with the provider that `domain` names.
    pub(crate) fn provider(spec: &SpecParts, what: String) -> Self {
        Self {
            setting: "domain",
            variable: variable(&spec.domain),
            what: format!("the provider cannot be used: {what}"),
            write: "",
            missing: false,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable {
            Some(variable) => write!(f, "{variable} ({}) {}", self.setting, self.what)?,
            None => write!(f, "{} {}", self.setting, self.what)?,
        }
        if !self.write.is_empty() {
            write!(f, "; write {}", self.write)?;
        }
        Ok(())
    }
}

fn variable(setting: &Setting) -> Option<&'static str> {
    match setting {
        Setting::Env { name, .. } => Some(name),
        Setting::Literal(_) | Setting::Value(_) => None,
    }
}

/// Reads settings by a look-up of variables, and remembers what is wrong.
struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(
        &mut self,
        key: &'static str,
        variable: Option<&'static str>,
        what: impl Into<String>,
        write: &'static str,
    ) {
        self.problems.push(Problem {
            setting: key,
            variable,
            what: what.into(),
            write,
            missing: false,
        });
    }

    fn missing(&mut self, key: &'static str, variable: Option<&'static str>, write: &'static str) {
        self.problem(key, variable, "is missing", write);
        if let Some(problem) = self.problems.last_mut() {
            problem.missing = true;
        }
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
            self.missing(key, variable(setting), write);
        }
        value
    }

    fn parsed<T>(
        &mut self,
        key: &'static str,
        setting: &Setting,
        write: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Reason>,
    ) -> Option<T> {
        let text = self.text(key, setting, write)?;
        parse(&text)
            .map_err(|reason| self.problem(key, variable(setting), reason.0, write))
            .ok()
    }

    fn endpoint(
        &mut self,
        key: &'static str,
        setting: Option<&Setting>,
        http: Http,
    ) -> Option<Url> {
        let write = "the endpoint's URL, like `https://id.example.com/auth/token`";
        let parse = |text: &str| endpoint_url_over(text, http);
        self.parsed(key, setting?, write, parse)
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
                    self.missing(key, Some(name), write);
                    return None;
                };
                Some(Some(SecretString::from(value)))
            }
        }
    }
}

pub(crate) fn secret_variable(setting: &SecretSetting) -> Option<&'static str> {
    match setting {
        SecretSetting::Env { name } | SecretSetting::OptionalEnv { name } => Some(name),
        SecretSetting::None | SecretSetting::Value(_) => None,
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
        let domain = reader.parsed(
            "domain",
            &spec.domain,
            "the provider's issuer, like `https://identities.authsafe.in`",
            issuer,
        );
        let named = spec.endpoints.issuer.as_ref().map(|setting| {
            reader.parsed(
                "endpoints(issuer)",
                setting,
                "the `iss` of its tokens, like `https://id.example.com`",
                |text| Ok((issuer(text)?, with_scheme(text))),
            )
        });
        let (issuer, named_issuer) = match named {
            Some(named) => named.unzip(),
            None => (domain.clone(), None),
        };
        let client_id = reader.text(
            "client_id",
            &spec.client_id,
            "the client id that the provider gave the app",
        );
        let client_secret = reader.secret(
            "client_secret",
            &spec.client_secret,
            "the client secret that the provider gave the app, or `client_secret = none` in the attribute for a public client",
        );
        if let Some(Some(secret)) = &client_secret
            && secret.expose_secret().is_empty()
        {
            let variable = secret_variable(&spec.client_secret);
            reader.problem("client_secret", variable, "is empty", "the client secret");
        }
        let secrets = cookie_secrets(&mut reader, spec);
        reader.problems.extend(of_app_url);
        let ca_file = match &spec.ca_file {
            Some(setting) => reader.text("ca_file", setting, "the path of a PEM file"),
            None => None,
        };
        let authorize = parameters(&mut reader, spec);
        let by_hand = &spec.endpoints;
        let endpoints = Overrides {
            authorization: reader.endpoint(
                "endpoints(authorization)",
                by_hand.authorization.as_ref(),
                http,
            ),
            token: reader.endpoint("endpoints(token)", by_hand.token.as_ref(), http),
            jwks: reader.endpoint("endpoints(jwks)", by_hand.jwks.as_ref(), http),
            userinfo: reader.endpoint("endpoints(userinfo)", by_hand.userinfo.as_ref(), http),
            revocation: reader.endpoint("endpoints(revocation)", by_hand.revocation.as_ref(), http),
            introspection: reader.endpoint(
                "endpoints(introspection)",
                by_hand.introspection.as_ref(),
                http,
            ),
            end_session: reader.endpoint(
                "endpoints(end_session)",
                by_hand.end_session.as_ref(),
                http,
            ),
        };
        let bearer = spec
            .bearer
            .as_ref()
            .and_then(|bearer| bearer_tokens(&mut reader, bearer));
        let origins = origins(&mut reader, spec, app_url.as_ref());
        let cookies = cookies(&mut reader, spec, app_url.as_ref());
        let redis = reader.secret(
            "shared_state(redis)",
            &spec.shared_state.redis,
            "the URL of the Redis that the machines share, like `rediss://:password@redis.example.com`",
        );
        let proxies = proxies(&mut reader, spec);
        if let Err(problems) = PathRules::new(spec) {
            for (key, what) in problems {
                reader.problem(key, None, what, "");
            }
        }
        match (
            domain,
            issuer,
            client_id,
            client_secret,
            secrets,
            app_url,
            origins,
            cookies,
        ) {
            (
                Some(domain),
                Some(issuer),
                Some(client_id),
                Some(client_secret),
                Some(secrets),
                Some(app_url),
                Some(origins),
                Some(cookies),
            ) if reader.problems.is_empty() => {
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
            _ => Err(StartError::new(reader.problems)),
        }
    }
}

/// Returns where browsers reach the app. A path of it belongs into `base_path`, which is told whole.
fn app_url(reader: &mut Reader<'_>, spec: &SpecParts) -> Option<AppUrl> {
    let (key, write) = (
        "app_url",
        "the origin at which browsers reach the app, like `https://shop.example.com` or `http://localhost:3000`",
    );
    let text = reader.text(key, &spec.app_url, write)?;
    let reason = match AppUrl::parse(&text) {
        Ok(app_url) => return Some(app_url),
        Err(reason) => reason,
    };
    let url = Url::parse(&text).ok();
    let url = url.filter(|_| text::app_url(&text) == Err(text::Reason::HasPath));
    let what = match url.as_ref().map(|it| it.path().trim_end_matches('/')) {
        Some(path) if spec.base_path.starts_with(path) => {
            "must not have a path: `base_path` has it already".to_owned()
        }
        Some(path) => format!(
            "must not have a path: set `base_path = \"{path}{}\"` instead, and have proxies pass paths on whole",
            spec.base_path
        ),
        None => reason.0.to_owned(),
    };
    reader.problem(key, variable(&spec.app_url), what, write);
    None
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

/// An issuer as it is written; a bare host means https.
fn with_scheme(issuer: &str) -> String {
    match issuer.contains("://") {
        true => issuer.to_owned(),
        false => format!("https://{issuer}"),
    }
}

/// Returns what the authorization request has besides.
fn parameters(reader: &mut Reader<'_>, spec: &SpecParts) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if spec.response_mode == ResponseMode::FormPost {
        parameters.push(("response_mode", "form_post".to_owned()));
    }
    for Parameter { name, value } in spec.authorize {
        let (key, variable) = ("authorize", variable(value));
        let Some(text) = reader.value(value) else {
            let what = format!("has no value for `{name}`");
            reader.problem(key, variable, what, "the one that the provider expects");
            if let (Some(problem), Some(_)) = (reader.problems.last_mut(), variable) {
                problem.missing = true;
            }
            continue;
        };
        match text::parameter_value(&text) {
            Ok(()) => parameters.push((*name, text)),
            Err(reason) => {
                let what = format!("is no value for `{name}`: {reason}");
                reader.problem(key, variable, what, "the one that the provider expects");
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
                let (what, write) = (reason.0, "a network like `10.0.0.0/8`");
                reader.problem("trusted_proxies", None, format!("`{text}` {what}"), write);
            }
        }
    }
    proxies
}

/// Returns whose pages may ask to change something. What travels to an http page, or comes from one, can be
/// another's: an https app takes none but those of its own machine for its own.
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
        let origin = reader.parsed("cross_origin", setting, write, origin)?;
        if app_url?.is_https() && text::endpoint_url(&origin).is_err() {
            let what =
                format!("names `{origin}`, which is http: whoever is between may write its pages");
            reader.problem("cross_origin", variable(setting), what, write);
        }
        others.push(origin);
    }
    Some(OwnOrigins::new(app_url?.origin(), others))
}

/// Returns what cookies look like; what no browser would take is a problem.
fn cookies(reader: &mut Reader<'_>, spec: &SpecParts, app_url: Option<&AppUrl>) -> Option<Cookies> {
    let is_https = app_url?.is_https();
    let secure = spec.cookies.secure.unwrap_or(is_https);
    if is_https && !secure {
        let write = "`secure = true`, or leave it out";
        reader.problem("cookies(secure)", None, "is false on an https app", write);
    }
    if spec.cookies.same_site == SameSite::None && !secure {
        let what = "is `none`, which browsers take from https alone";
        reader.problem("cookies(same_site)", None, what, "`same_site = \"lax\"`");
    }
    let domain = match &spec.cookies.domain {
        Some(setting) => Some(reader.parsed(
            "cookies(domain)",
            setting,
            "a domain without scheme or port, like `example.com`",
            cookie_domain,
        )?),
        None => None,
    };
    if let (Some(domain), Some(host)) = (&domain, app_url?.host())
        && host != domain
        && !host.ends_with(&format!(".{domain}"))
    {
        let what = format!(
            "is `{domain}`, which is not where the app is (`{host}`): browsers drop such a cookie"
        );
        let variable = spec.cookies.domain.as_ref().and_then(variable);
        reader.problem(
            "cookies(domain)",
            variable,
            what,
            "the app's own domain, or one above it",
        );
    }
    if !covers(spec.cookies.path, spec.base_path) {
        let what = format!(
            "is `{}`, which does not hold `{}`: logout would not see the session",
            spec.cookies.path, spec.base_path
        );
        reader.problem("cookies(path)", None, what, "`path = \"/\"`");
    }
    let patterns = spec.protect.iter().map(|rule| rule.path);
    for pattern in patterns.filter(|pattern| !covers(spec.cookies.path, literally(pattern))) {
        let what = format!(
            "is `{}`, which does not hold `{pattern}` of `protect(...)`: sign-in would not end there",
            spec.cookies.path
        );
        reader.problem("cookies(path)", None, what, "`path = \"/\"`");
    }
    Some(Cookies::new(Style {
        name: spec.cookies.name,
        port: app_url?.loopback_port(),
        same_site: match spec.cookies.same_site {
            SameSite::Lax => cookie::SameSite::Lax,
            SameSite::None => cookie::SameSite::None,
        },
        secure,
        domain,
        path: spec.cookies.path,
        base_path: spec.base_path,
        kept_after: match spec.pages.expired.is_some() || spec.keep_post.is_some() {
            true => KEPT_AFTER,
            false => Duration::ZERO,
        },
    }))
}

/// A pattern up to its first `*`.
fn literally(pattern: &str) -> &str {
    let literal = pattern.find("/*").and_then(|end| pattern.get(..end));
    match literal.unwrap_or(pattern) {
        "" => "/",
        literal => literal,
    }
}

/// Is a cookie of `path` sent to `other` (RFC 6265 §5.1.4)?
fn covers(path: &str, other: &str) -> bool {
    let rest = other.strip_prefix(path);
    rest.is_some_and(|rest| path.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

/// The cookie secrets, the one that seals first.
fn cookie_secrets(reader: &mut Reader<'_>, spec: &SpecParts) -> Option<Vec<SecretString>> {
    let write = "32 random bytes or more, like the output of `openssl rand -base64 32`";
    let variable = secret_variable(&spec.cookie_secret);
    let secret = reader.secret("cookie_secret", &spec.cookie_secret, write)?;
    let Some(secret) = secret else {
        reader.missing("cookie_secret", variable, write);
        return None;
    };
    // The first seals, all open: a new one goes in front, and the old one leaves after `max_age`.
    let secrets: Vec<SecretString> = secret
        .expose_secret()
        .split(',')
        .map(|secret| SecretString::from(secret.trim()))
        .collect();
    if let Some(reason) = secrets.iter().find_map(|it| check_cookie_secret(it).err()) {
        reader.problem("cookie_secret", variable, reason.0, write);
        return None;
    }
    Some(secrets)
}

/// Checks that a cookie secret is long enough, and not plainly guessable.
fn check_cookie_secret(secret: &SecretString) -> Result<(), Reason> {
    let bytes = secret.expose_secret().as_bytes();
    if bytes.len() < MIN_SECRET {
        return Err(Reason("is shorter than 32 bytes"));
    }
    let mut seen = [false; 256];
    for &byte in bytes {
        seen[usize::from(byte)] = true;
    }
    // 32 random hexadecimal digits have 8 different ones or more, but for one time in a million.
    if seen.iter().filter(|&&seen| seen).count() < 8 {
        return Err(Reason("repeats a few characters: anybody can guess it"));
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
        return Err(Reason("holds a word that says it was not made at random"));
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
        let expected = "APP_URL (app_url) must not have a path: set `base_path = \"/shop/api/auth\"` instead, \
                        and have proxies pass paths on whole; write the origin";
        assert!(told.contains(expected), "{told}");
        let told = problem("APP_URL", "https://app.example/api");
        assert!(
            told.contains("must not have a path: `base_path` has it already; write"),
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
            assert!(error.contains("sign-in would not end there"), "{error}");
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
                with(under(path)).unwrap_err().contains("logout would not"),
                "{path}"
            );
        }
    }

    #[test]
    fn urls_are_checked() {
        assert!(problem("APP_URL", "http://app.example").contains("must be https"));
        assert!(problem("APP_URL", "https://app.example/shop").contains("base_path"));
        assert!(problem("AUTHSAFE_DOMAIN", "https://u:p@id.example").contains("password"));
    }

    #[test]
    fn a_configuration_does_not_print_its_secrets() {
        let text = format!("{:?}", read(&good()).unwrap());
        assert!(!text.contains(SECRET), "{text}");
    }
}
