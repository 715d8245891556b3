//! Variables that are read for several settings: whether one text can be all of them.

use syn::LitStr;

use crate::error::{self, Errors};
use crate::key::Key;
use crate::routes::args::RoutesArgs;
use crate::routes::sentences;
use crate::routes::spec::{CrossOrigin, Secret, Setting, Spec};
use authsafe_rules::default;

/// What a setting is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// Known to nobody else.
    Secret,
    /// The app's id at the provider.
    Id,
    /// The provider: a URL, or a host.
    Provider,
    /// One of the provider's endpoints.
    Endpoint,
    /// The origin of the app.
    App,
    /// The origin of other pages.
    Origin,
    /// A host, without a scheme.
    Host,
    /// The path of a file.
    File,
    /// Whom tokens are for, and what else the provider is told.
    Name,
}

/// What one text can be at once. An API, or a client, may be called by its URL, and a provider by its host, which
/// may be the app's too.
const MAY_BE_ONE: [(What, What); 11] = {
    use What::{App, Endpoint, Host, Id, Name, Origin, Provider};
    [
        (Provider, Provider),
        (Provider, App),
        (Provider, Origin),
        (Provider, Host),
        (Name, Name),
        (Name, Id),
        (Name, Provider),
        (Name, Endpoint),
        (Name, App),
        (Name, Origin),
        (Name, Host),
    ]
};

/// A setting that is read from a variable.
struct Read<'a> {
    setting: String,
    what: What,
    variable: String,
    /// `None`: that is its variable where the attribute says nothing.
    at: Option<&'a LitStr>,
}

/// Reports each variable that is read for two settings that cannot be the same.
pub(super) fn apart(args: &RoutesArgs, spec: &Spec, errors: &mut Errors) {
    let read = settings(args, spec);
    for (at, one) in read.iter().enumerate() {
        let is_both = |other: &&Read<'_>| {
            let pairs = [(one.what, other.what), (other.what, one.what)];
            other.variable == one.variable && !pairs.iter().any(|it| MAY_BE_ONE.contains(it))
        };
        let Some(other) = read[..at].iter().find(is_both) else {
            continue;
        };
        let Some(name) = one.at else { continue };
        match (other.what, one.what) {
            (What::App, What::Origin) => {
                errors.at(name, sentences::OWN_ORIGIN);
                continue;
            }
            (What::Origin, What::Origin) => {
                errors.at(name, error::named_twice("origin", &one.variable));
                continue;
            }
            _ => {}
        }
        let own = own_variable(&one.setting);
        let is_free = !read.iter().any(|it| it.variable == own);
        let sentence = sentences::OneVariable {
            variable: &one.variable,
            setting: &one.setting,
            other: &other.setting,
            by_default: other.at.is_none(),
            of_secret: [one.what, other.what].contains(&What::Secret),
            own: Some(own).filter(|_| is_free),
        };
        errors.at(name, sentence);
    }
}

/// Reports endpoints that have one URL.
pub(super) fn endpoints(spec: &Spec, errors: &mut Errors) {
    let literal = |(name, url): &'_ (&'static str, Setting)| match url {
        Setting::Literal(text) if *name != "issuer" => Some((*name, text.clone())),
        _ => None,
    };
    let urls: Vec<_> = spec.endpoints.urls.iter().filter_map(literal).collect();
    for (at, (name, url)) in urls.iter().enumerate() {
        let other = urls[..at].iter().find(|(_, it)| it.value() == url.value());
        if let Some((other, _)) = other {
            errors.at(url, sentences::one_endpoint(name, other));
        }
    }
}

/// Returns what is read from variables; what is so where nothing is written comes first.
fn settings<'a>(args: &RoutesArgs, spec: &'a Spec) -> Vec<Read<'a>> {
    let mut read = Vec::new();
    let mut add = |setting: &str, what, variable: String, at| {
        let setting = setting.to_owned();
        read.push(Read {
            setting,
            what,
            variable,
            at,
        });
    };
    let text = |setting: &'a Option<Setting>| setting.as_ref().and_then(of_setting);
    let secret = |secret: &'a Option<Secret>| secret.as_ref().and_then(of_secret);
    let keys: [(_, &Option<Key>, _, _); 5] = [
        ("domain", &args.domain, What::Provider, text(&spec.domain)),
        (
            "client_id",
            &args.client_id,
            What::Id,
            text(&spec.client_id),
        ),
        (
            "client_secret",
            &args.client_secret,
            What::Secret,
            secret(&spec.client_secret),
        ),
        (
            "cookie_secret",
            &args.cookie_secret,
            What::Secret,
            secret(&spec.cookie_secret),
        ),
        ("app_url", &args.app_url, What::App, text(&spec.app_url)),
    ];
    for (setting, key, what, name) in keys {
        match (key, name) {
            (None, _) => add(setting, what, own_variable(setting), None),
            (Some(_), Some(name)) => add(setting, what, name.value(), Some(name)),
            (Some(_), None) => {}
        }
    }
    let mut written = |setting: &str, what, name: Option<&'a LitStr>| {
        if let Some(name) = name {
            add(setting, what, name.value(), Some(name));
        }
    };
    written("ca_file", What::File, text(&spec.ca_file));
    for (name, url) in &spec.endpoints.urls {
        let what = match *name {
            "issuer" => What::Provider,
            _ => What::Endpoint,
        };
        written(&format!("endpoints({name})"), what, of_setting(url));
    }
    for (name, value) in &spec.authorize {
        let setting = format!("authorize({})", name.value());
        written(&setting, What::Name, of_setting(value));
    }
    if let Some(bearer) = &spec.bearer {
        written("bearer(audience)", What::Name, of_setting(&bearer.audience));
    }
    if let Some(CrossOrigin::Allow(origins)) = &spec.cross_origin {
        for origin in origins {
            written("cross_origin", What::Origin, of_setting(origin));
        }
    }
    written("cookies(domain)", What::Host, text(&spec.cookies.domain));
    let redis = secret(&spec.shared_state.redis);
    written("shared_state(redis)", What::Secret, redis);
    read.sort_by_key(|it| it.at.is_some());
    read
}

fn of_setting(setting: &Setting) -> Option<&LitStr> {
    match setting {
        Setting::Env { name, .. } => Some(name),
        Setting::Literal(_) | Setting::Value(_) => None,
    }
}

fn of_secret(secret: &Secret) -> Option<&LitStr> {
    match secret {
        Secret::Env(name) | Secret::OptionalEnv(name) => Some(name),
        Secret::None | Secret::Value(_) => None,
    }
}

/// Returns a variable that is a setting's own.
fn own_variable(setting: &str) -> String {
    let name = match setting {
        "domain" => default::DOMAIN_VARIABLE,
        "client_id" => default::CLIENT_ID_VARIABLE,
        "client_secret" => default::CLIENT_SECRET_VARIABLE,
        "cookie_secret" => default::COOKIE_SECRET_VARIABLE,
        "app_url" => default::APP_URL_VARIABLE,
        "shared_state(redis)" => "REDIS_URL",
        other => {
            let name = other.trim_end_matches(')').to_ascii_uppercase();
            return name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        }
    };
    name.to_owned()
}
