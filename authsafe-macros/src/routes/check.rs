//! From what was written to what it means; every mistake on the way is reported.

use proc_macro2::TokenTree;
use syn::LitStr;

use crate::condition::{self, Condition};
use crate::error::{self, Errors};
use crate::feature;
use crate::key::Key;
use crate::keys;
use crate::krate;
use crate::names::{Kind, is_one, names};
use crate::routes::args::{
    BearerArgs, CallArgs, ClaimArgs, CookieArgs, KeepArgs, LogoutArgs, PageArgs, PathArgs,
    ProviderArgs, RateArgs, RoutesArgs, SessionArgs, StateArgs,
};
use crate::routes::by_name::{self, Named};
use crate::routes::spec::{
    AskUserInfo, Bearer, ClientAuth, Cookies, Endpoints, Keep, Known, Landing, Logout, Protect,
    Provider, ResponseMode, SameSite, Secret, Session, Setting, SharedState, Spec, Store, Tenants,
};
use crate::routes::{
    cross_origin, landing, parameters, path_rules, sentences, together, variables,
};
use crate::rule::{self, Rule};
use crate::unauthenticated;
use crate::value::{self, EnvDefault, Value, checked, flag};
use crate::words;
use authsafe_rules::{default, limit, text};

const SCOPE: Kind = Kind::new("scope", &rule::SCOPE);
const ROLE: Kind = Kind::new("role", &rule::ROLE);
const CLAIM: Kind = Kind::new("claim", &rule::CLAIM);
const NETWORK: Kind = Kind::new("network", &rule::NETWORK);
const TENANT: Kind = Kind::new("tenant", &rule::TENANT);
const ALGORITHM: Kind = Kind::new("signature algorithm", &rule::ALGORITHM);
const SITE_DATA: Kind = Kind::new("kind of data", &rule::SITE_DATA);

const CLIENT_AUTH: [(&str, ClientAuth); 3] = [
    ("auto", ClientAuth::Auto),
    ("basic", ClientAuth::Basic),
    ("post", ClientAuth::Post),
];
const RESPONSE_MODE: [(&str, ResponseMode); 2] = [
    ("query", ResponseMode::Query),
    ("form_post", ResponseMode::FormPost),
];
const USERINFO: [(&str, AskUserInfo); 3] = [
    ("auto", AskUserInfo::Auto),
    ("always", AskUserInfo::Always),
    ("never", AskUserInfo::Never),
];
const LOGOUT: [(&str, Logout); 2] = [("provider", Logout::Provider), ("local", Logout::Local)];
const SAME_SITE: [(&str, SameSite); 2] = [("lax", SameSite::Lax), ("none", SameSite::None)];

// What is read of keys, each with its name; without those that are not written.
macro_rules! each {
    ($args:ident, $read:expr, $($key:ident)+) => {
        [$($read(stringify!($key), $args.$key.as_ref())),+].into_iter().flatten().collect()
    };
}

/// The names that the attribute lists. `None`: in a list with a mistake in it nothing is known to be
/// missing.
struct Listed {
    /// The scopes that sign-in requests.
    scopes: Option<Vec<String>>,
    roles: Option<Vec<String>>,
    /// Refresh tokens are given for the scope `offline_access` alone.
    wants_offline_access: bool,
}

pub(crate) fn check(args: RoutesArgs, errors: &mut Errors) -> Spec {
    let (named, provider) = provider(args.provider.as_ref(), errors);
    // A key that is not read may have been the list of scopes.
    let is_read = errors.count() == 0;
    let (scopes, requested) = scopes(args.scopes.as_ref(), named.as_ref(), errors);
    let (roles, existing) = roles(args.roles.as_ref(), errors);
    let listed = Listed {
        scopes: requested.filter(|_| is_read || args.scopes.is_some()),
        roles: existing,
        wants_offline_access: named.as_ref().is_none_or(Named::wants_offline_access),
    };
    let before = errors.count();
    let paths = paths(args.paths.as_ref(), errors);
    let has_session =
        errors.count() > before || paths.iter().any(|(endpoint, _)| *endpoint == "session");
    let has_redis = has_redis(args.shared_state.as_ref());
    let networks = args.trusted_proxies.as_ref();
    let algorithms = args.algorithms.as_ref();
    let site_data = args.clear_site_data.as_ref();
    let unauthenticated = args.unauthenticated.as_ref();
    let (client_auth, mode) = (args.client_auth.as_ref(), args.response_mode.as_ref());
    let userinfo = args.userinfo.as_ref();
    let (on_event, on_error) = (args.on_event.as_ref(), args.on_error.as_ref());
    let authorize = parameters::fixed(args.authorize.as_ref(), errors);
    let (after_logout, pages) = pages(args.after_logout.as_ref(), args.pages.as_ref(), errors);
    let mut spec = Spec {
        runtime: krate::runtime(args.krate.as_ref(), errors),
        domain: setting(args.domain.as_ref(), &rule::DOMAIN, errors),
        client_id: setting(args.client_id.as_ref(), &rule::ANYTHING, errors),
        client_secret: secret(args.client_secret.as_ref(), errors),
        client_auth: word(client_auth, &CLIENT_AUTH, sentences::client_auth, errors),
        cookie_secret: secret(args.cookie_secret.as_ref(), errors),
        app_url: setting(args.app_url.as_ref(), &rule::APP_URL, errors),
        ca_file: setting(args.ca_file.as_ref(), &rule::CA_FILE, errors),
        base_path: literal(args.base_path.as_ref(), &rule::BASE_PATH, errors),
        paths,
        tenants: tenants(args.tenants.as_ref(), errors),
        provider,
        response_mode: word(mode, &RESPONSE_MODE, sentences::response_mode, errors),
        forward: parameters::forwarded(args.forward.as_ref(), &authorize, errors),
        authorize,
        landing: landing(args.landing.as_ref(), &listed, errors),
        after_logout,
        keep_post: None,
        pages,
        logout: logout(args.logout.as_ref(), errors),
        revoke_at_logout: flag(args.revoke_at_logout.as_ref(), errors),
        clear_site_data: site_data.and_then(|key| names(key, SITE_DATA, errors)),
        endpoints: endpoints(args.endpoints.as_ref(), errors),
        algorithms: algorithms.and_then(|key| names(key, ALGORITHM, errors)),
        userinfo: word(userinfo, &USERINFO, sentences::userinfo, errors),
        claims: claims(args.claims.as_ref(), args.keep.as_ref(), errors),
        session: session(args.session.as_ref(), &listed, has_redis, errors),
        bearer: bearer(args.bearer.as_ref(), errors),
        cross_origin: None,
        cookies: cookies(args.cookies.as_ref(), errors),
        rate_limit: rates(args.rate_limit.as_ref(), has_session, errors),
        trusted_proxies: networks.and_then(|key| proxies(key, errors)),
        shared_state: shared_state(args.shared_state.as_ref(), errors),
        protect: protect(args.protect.as_ref(), &listed, errors),
        public: path_rules::public(args.public.as_ref(), errors),
        unauthenticated: unauthenticated.and_then(|key| unauthenticated::of_routes(key, errors)),
        on_event: on_event.and_then(|key| value::path(key, errors)),
        on_error: on_error.and_then(|key| value::path(key, errors)),
        known: Known {
            scopes: listed.scopes.clone().unwrap_or_default(),
            roles: listed.roles.clone().unwrap_or_default(),
        },
        scopes,
        roles,
    };
    let origins = args.cross_origin.as_ref();
    spec.cross_origin = cross_origin::read(origins, spec.app_url.as_ref(), errors);
    let is_shared = has_redis || spec.session.store.is_some();
    spec.keep_post = keep_post(args.keep_post.as_ref(), is_shared, errors);
    let written = [args.protect.as_ref(), args.public.as_ref()];
    path_rules::check(&spec, written, errors);
    path_rules::open(&spec.pages, &spec.protect, &spec.public, errors);
    if let (Some(Secret::None), Some(ClientAuth::Basic | ClientAuth::Post), Some(key)) =
        (&spec.client_secret, spec.client_auth, &args.client_auth)
    {
        errors.at(key.path(), sentences::CLIENT_AUTH_WITHOUT_SECRET);
    }
    variables::apart(&args, &spec, errors);
    variables::endpoints(&spec, errors);
    if let Some(named) = named {
        named.check(&args, &spec, errors);
        named.fill(&mut spec);
    }
    let lie = apart(&spec, errors);
    together::pages(&spec, &lie, errors);
    together::cookies(&args, &spec, &lie, errors);
    together::idle(&args, &spec, errors);
    spec
}

// Names.

/// Returns the scopes that are written, and those that sign-in requests.
fn scopes(
    key: Option<&Key>,
    provider: Option<&Named>,
    errors: &mut Errors,
) -> (Option<Vec<LitStr>>, Option<Vec<String>>) {
    let Some(key) = key else {
        let scopes = provider.and_then(Named::scopes);
        let default = || default::SCOPES.iter().map(|&scope| scope.to_owned());
        let requested = scopes.as_deref().map_or_else(|| default().collect(), texts);
        return (scopes, Some(requested));
    };
    let before = errors.count();
    let scopes = names(key, SCOPE, errors);
    let requested = scopes.as_deref().filter(|_| errors.count() == before);
    let requested = requested.map(texts);
    if let (Some(scopes), true) = (&scopes, requested.is_some())
        && !scopes.iter().any(|scope| scope.value() == "openid")
    {
        errors.at(key.path(), sentences::no_openid(scopes));
    }
    (scopes, requested)
}

/// Returns the roles that are written, and those that exist.
fn roles(key: Option<&Key>, errors: &mut Errors) -> (Option<Vec<LitStr>>, Option<Vec<String>>) {
    let before = errors.count();
    let roles = key.and_then(|key| names(key, ROLE, errors));
    let listed = roles.as_deref().filter(|_| errors.count() == before);
    let listed = listed.map(texts);
    (roles, listed)
}

fn texts(names: &[LitStr]) -> Vec<String> {
    names.iter().map(LitStr::value).collect()
}

/// Reports the names in a condition that no session has.
fn named(when: &Condition, listed: &Listed, errors: &mut Errors) {
    for (kind, name) in when.named() {
        let text = name.value();
        if !is_one(kind.word(), name) {
            continue;
        }
        let is_missing = |from: &&Vec<String>| !from.contains(&text);
        match kind {
            condition::Kind::Scope if text::scope(&text).is_ok() => {
                if let Some(requested) = listed.scopes.as_ref().filter(is_missing) {
                    errors.at(name, sentences::never_requested(&text, requested));
                }
            }
            condition::Kind::Role if text::role(&text).is_ok() => {
                if let Some(roles) = listed.roles.as_ref().filter(is_missing) {
                    errors.at(name, sentences::unknown_role(&text, roles));
                }
            }
            _ => {}
        }
    }
}

// Single values.

pub(super) fn setting(key: Option<&Key>, rule: &Rule, errors: &mut Errors) -> Option<Setting> {
    setting_of(&key?.name(), key, rule, errors)
}

/// Reads a setting that sentences do not call by its key.
fn setting_of(what: &str, key: Option<&Key>, rule: &Rule, errors: &mut Errors) -> Option<Setting> {
    let key = key?;
    let value = value::value(key, errors)?;
    if let Value::None(word) = &value {
        errors.at(word, error::not_none(key));
    }
    if let Value::Env(env) = &value
        && let Some(EnvDefault::None(word)) = &env.default
    {
        errors.at(word, error::not_none(key));
    }
    let setting = Setting::of(value)?;
    if let Some(text) = setting.text() {
        checked(text, what, rule, errors)?;
    }
    Some(setting)
}

fn secret(key: Option<&Key>, errors: &mut Errors) -> Option<Secret> {
    let key = key?;
    let is_optional = key.name() != "cookie_secret";
    match value::value(key, errors)? {
        Value::Literal(text) => errors.at(text, sentences::secret_literal(key)),
        Value::None(_) if is_optional => return Some(Secret::None),
        Value::None(word) => errors.at(word, sentences::NO_COOKIE_SECRET),
        Value::Path(path) => return Some(Secret::Value(path)),
        Value::Env(env) => match env.default {
            None => return Some(Secret::Env(env.name)),
            Some(EnvDefault::None(_)) if is_optional => return Some(Secret::OptionalEnv(env.name)),
            Some(EnvDefault::None(word)) => errors.at(word, sentences::NO_COOKIE_SECRET),
            Some(EnvDefault::Literal(text)) => errors.at(text, sentences::secret_default(key)),
        },
    }
    None
}

/// Reads one of several words. `refuse` says what is wrong with another one.
fn word<T: Clone>(
    key: Option<&Key>,
    words: &[(&str, T)],
    refuse: fn(&str) -> String,
    errors: &mut Errors,
) -> Option<T> {
    let text = value::literal(key?, errors)?;
    match words.iter().find(|(word, _)| *word == text.value()) {
        Some((_, meant)) => Some(meant.clone()),
        None => errors.refuse(&text, refuse(&text.value())),
    }
}

fn literal(key: Option<&Key>, rule: &Rule, errors: &mut Errors) -> Option<LitStr> {
    literal_of(&key?.name(), key, rule, errors)
}

/// Reads a literal that sentences do not call by its key.
fn literal_of(what: &str, key: Option<&Key>, rule: &Rule, errors: &mut Errors) -> Option<LitStr> {
    let text = value::literal(key?, errors)?;
    checked(&text, what, rule, errors)?;
    Some(text)
}

fn duration(key: Option<&Key>, errors: &mut Errors) -> Option<(u64, LitStr)> {
    let text = value::literal(key?, errors)?;
    let seconds = checked(&text, &key?.name(), &rule::DURATION, errors)?;
    Some((seconds, text))
}

/// Reads `keep_post = "2KB"`. `is_shared`: there is something else than a cookie to keep a form in.
fn keep_post(key: Option<&Key>, is_shared: bool, errors: &mut Errors) -> Option<usize> {
    let text = value::literal(key?, errors)?;
    let size = checked(&text, "keep_post", &rule::SIZE, errors)?;
    if size > limit::KEPT_SHARED {
        errors.at(&text, sentences::KEEP_POST_TOO_LARGE);
    } else if size > limit::KEPT_HERE && !is_shared {
        errors.at(&text, sentences::KEEP_POST_IN_COOKIE);
    }
    Some(size)
}

// Lists of keys.

fn paths(key: Option<&Key>, errors: &mut Errors) -> Vec<(&'static str, LitStr)> {
    let args: PathArgs = keys::listed(key, errors);
    let mut path = |name, key: Option<&Key>| {
        let rule = match name {
            "session" => &rule::SESSION_PATH,
            "signed_out" => &rule::SIGNED_OUT_PATH,
            "backchannel_logout" => &rule::BACKCHANNEL_LOGOUT_PATH,
            _ => &rule::ENDPOINT_PATH,
        };
        Some((name, literal(key, rule, errors)?))
    };
    each!(args, path, signin callback logout refresh session signed_out backchannel_logout)
}

/// Returns the page that comes after a logout, by whichever of its two names, and the app's other pages.
fn pages(
    after_logout: Option<&Key>,
    key: Option<&Key>,
    errors: &mut Errors,
) -> (Option<LitStr>, Vec<(&'static str, LitStr)>) {
    let after = literal(after_logout, &rule::LOCAL_TARGET, errors);
    let Some((key, tokens)) = key.and_then(|key| Some((key, value::list(key, errors)?))) else {
        return (after, Vec::new());
    };
    if tokens.is_empty() {
        errors.at(key, error::list_empty(key));
    }
    let args: PageArgs = keys::parse(tokens, errors);
    if let (Some(_), Some(key)) = (after_logout, &args.signed_out) {
        errors.at(key.path(), sentences::SIGNED_OUT_TWICE);
    }
    let signed_out = literal(args.signed_out.as_ref(), &rule::LOCAL_TARGET, errors);
    let mut page =
        |name, key: Option<&Key>| Some((name, literal(key, &rule::LOCAL_TARGET, errors)?));
    (
        after.or(signed_out),
        each!(args, page, error expired sign_in),
    )
}

fn tenants(key: Option<&Key>, errors: &mut Errors) -> Option<Tenants> {
    let key = key?;
    if let syn::Meta::NameValue(pair) = &key.meta
        && let syn::Expr::Path(word) = &pair.value
    {
        if word.path.is_ident("any") {
            return Some(Tenants::Any);
        }
        return errors.refuse(word, error::shape(key));
    }
    if let Some(word) = words::all_tenants(&key.meta) {
        return errors.refuse(key, sentences::all_tenants(&word));
    }
    names(key, TENANT, errors).map(Tenants::Of)
}

/// Returns which provider it is, where it is known by name, and how it is called.
fn provider(key: Option<&Key>, errors: &mut Errors) -> (Option<Named>, Provider) {
    let Some(key) = key else {
        return (None, Provider::default());
    };
    let before = errors.count();
    let written = by_name::read(key, errors);
    let Some(tokens) = written.rest else {
        return (written.named, Provider::default());
    };
    let args: CallArgs = keys::parse(tokens, errors);
    let has_times = args.timeout.is_some() || args.leeway.is_some();
    if !written.has_name && !has_times && errors.count() == before {
        errors.at(key, error::list_empty(key));
    }
    let timeout = duration(args.timeout.as_ref(), errors);
    let leeway = duration(args.leeway.as_ref(), errors);
    if let Some((seconds, text)) = &timeout
        && *seconds > limit::TIMEOUT
    {
        errors.at(text, sentences::TIMEOUT_TOO_LONG);
    }
    if let Some((seconds, text)) = &leeway
        && *seconds > limit::LEEWAY
    {
        errors.at(text, sentences::LEEWAY_TOO_LONG);
    }
    let provider = Provider {
        timeout: timeout.map(|(seconds, _)| seconds),
        leeway: leeway.map(|(seconds, _)| seconds),
    };
    (written.named, provider)
}

/// Reads `trusted_proxies("10.0.0.0/8")`; reports those that lie within others.
fn proxies(key: &Key, errors: &mut Errors) -> Option<Vec<LitStr>> {
    let proxies = names(key, NETWORK, errors)?;
    for one in &proxies {
        let mut others = proxies.iter().filter(|it| it.value() != one.value());
        if let Some(other) = others.find(|it| text::network_covers(&it.value(), &one.value())) {
            errors.at(one, sentences::network_within(&other.value()));
        }
    }
    Some(proxies)
}

fn logout(key: Option<&Key>, errors: &mut Errors) -> Option<Logout> {
    let key = key?;
    if let syn::Meta::List(list) = &key.meta {
        if syn::parse2::<LitStr>(list.tokens.clone()).is_ok() {
            return errors.refuse(key, error::shape(key));
        }
        let before = errors.count();
        let args: LogoutArgs = keys::parse(list.tokens.clone(), errors);
        let parameter = args.return_parameter.as_ref();
        if parameter.is_none() && errors.count() == before {
            errors.at(key, error::list_empty(key));
        }
        let name = literal_of("a parameter", parameter, &rule::RETURN_PARAMETER, errors)?;
        if name.value() == default::LOGOUT_RETURN {
            errors.at(&name, sentences::RETURNS_BY_THE_STANDARD);
        }
        return Some(Logout::By(name));
    }
    word(Some(key), &LOGOUT, sentences::logout, errors)
}

fn endpoints(key: Option<&Key>, errors: &mut Errors) -> Endpoints {
    let args: ProviderArgs = keys::listed(key, errors);
    let authsafe = flag(args.authsafe.as_ref(), errors);
    let mut endpoint = |name, key: Option<&Key>| {
        let rule = match name {
            "issuer" => &rule::ISSUER,
            _ => &rule::ENDPOINT_URL,
        };
        Some((name, setting(key, rule, errors)?))
    };
    let urls = each!(
        args, endpoint, issuer authorization token jwks userinfo revocation introspection end_session
    );
    Endpoints { urls, authsafe }
}

fn claims(
    key: Option<&Key>,
    keep: Option<&Key>,
    errors: &mut Errors,
) -> Vec<(&'static str, Vec<LitStr>)> {
    let args: ClaimArgs = keys::listed(key, errors);
    let mut paths = |name, key: Option<&Key>| Some((name, claim_paths(key?, errors)?));
    let mut claims: Vec<_> = each!(args, paths, roles permissions organization name email);
    claims.extend(keep.and_then(|key| Some(("keep", kept_claims(key, errors)?))));
    claims
}

/// Reads `keep("path", "path")`. Which tokens sessions keep is another key, of `session(...)`.
fn kept_claims(key: &Key, errors: &mut Errors) -> Option<Vec<LitStr>> {
    let is_token =
        |token| matches!(&token, TokenTree::Ident(it) if it == "id_token" || it == "access_token");
    match &key.meta {
        syn::Meta::List(list) if list.tokens.clone().into_iter().any(is_token) => {
            errors.refuse(key, sentences::KEEPS_TOKENS)
        }
        _ => names(key, CLAIM, errors),
    }
}

/// Reads `key = "path"` or `key("path", "path")`.
fn claim_paths(key: &Key, errors: &mut Errors) -> Option<Vec<LitStr>> {
    match &key.meta {
        syn::Meta::NameValue(_) => {
            let path = value::literal(key, errors)?;
            checked(&path, &key.name(), &rule::CLAIM, errors)?;
            Some(vec![path])
        }
        _ => names(key, CLAIM, errors),
    }
}

fn rates(
    key: Option<&Key>,
    has_session: bool,
    errors: &mut Errors,
) -> Vec<(&'static str, u32, u64)> {
    let args: RateArgs = keys::listed(key, errors);
    if let Some(key) = &args.session
        && !has_session
    {
        errors.at(key.path(), sentences::RATE_WITHOUT_SESSION);
    }
    let mut rate = |name, key: Option<&Key>| {
        let text = value::literal(key?, errors)?;
        let (count, per) = checked(&text, "a rate", &rule::RATE, errors)?;
        Some((name, count, per))
    };
    each!(args, rate, signin callback logout refresh session)
}

fn session(key: Option<&Key>, listed: &Listed, has_redis: bool, errors: &mut Errors) -> Session {
    let args: SessionArgs = keys::listed(key, errors);
    let max_age = duration(args.max_age.as_ref(), errors);
    let idle = duration(args.idle.as_ref(), errors);
    let transaction = duration(args.transaction.as_ref(), errors);
    let refresh_before = duration(args.refresh_before.as_ref(), errors);
    let longest = max_age.as_ref().map_or(default::MAX_AGE, |(age, _)| *age);
    if let Some((seconds, text)) = &idle
        && *seconds > longest
        && (max_age.is_some() || args.max_age.is_none())
    {
        let longest = max_age
            .as_ref()
            .map_or("1h".to_owned(), |(_, text)| text.value());
        errors.at(text, sentences::idle_over_max(&text.value(), &longest));
    } else if let Some((seconds, text)) = &idle
        && *seconds == longest
    {
        errors.at(text, sentences::idle_is_max(&text.value()));
    }
    if let Some((seconds, text)) = &transaction
        && *seconds > limit::SIGN_IN
    {
        errors.at(text, sentences::TRANSACTION_TOO_LONG);
    }
    let auto_refresh = flag(args.auto_refresh.as_ref(), errors);
    let requested = listed.scopes.as_ref();
    if auto_refresh == Some(true)
        && listed.wants_offline_access
        && let Some(key) = &args.auto_refresh
        && requested.is_some_and(|scopes| !scopes.iter().any(|scope| scope == "offline_access"))
    {
        errors.at(key.path(), sentences::NO_OFFLINE_ACCESS);
    }
    if auto_refresh == Some(false)
        && let Some(key) = &args.refresh_before
    {
        errors.at(key.path(), sentences::NO_AUTO_REFRESH);
    }
    if auto_refresh == Some(false)
        && let Some(key) = &args.grace
    {
        errors.at(key.path(), sentences::GRACE_WITHOUT_REFRESH);
    }
    Session {
        max_age: max_age.map(|(seconds, _)| seconds),
        idle: idle.map(|(seconds, _)| seconds),
        transaction: transaction.map(|(seconds, _)| seconds),
        auto_refresh,
        refresh_before: refresh_before.map(|(seconds, _)| seconds),
        grace: grace(args.grace.as_ref(), errors),
        keep: keep(args.keep.as_ref(), errors),
        store: store(args.store.as_ref(), has_redis, errors),
    }
}

fn keep(key: Option<&Key>, errors: &mut Errors) -> Keep {
    let args: KeepArgs = keys::listed(key, errors);
    Keep {
        id_token: flag(args.id_token.as_ref(), errors),
        access_token: flag(args.access_token.as_ref(), errors),
    }
}

/// Reads `grace = "1h"`, or `grace = none`, which is no time.
fn grace(key: Option<&Key>, errors: &mut Errors) -> Option<u64> {
    let key = key?;
    match value::value(key, errors)? {
        Value::None(_) => Some(0),
        Value::Literal(text) => checked(&text, &key.name(), &rule::DURATION, errors),
        Value::Env(_) | Value::Path(_) => errors.refuse(key, error::shape(key)),
    }
}

fn bearer(key: Option<&Key>, errors: &mut Errors) -> Option<Bearer> {
    let key = key?;
    let tokens = value::list(key, errors)?;
    let before = errors.count();
    let args: BearerArgs = keys::parse(tokens, errors);
    if args.audience.is_none() && errors.count() == before {
        errors.at(key.path(), sentences::NO_AUDIENCE);
    }
    let max_age = duration(args.max_age.as_ref(), errors);
    let opaque_without_audience = flag(args.opaque_without_audience.as_ref(), errors);
    Some(Bearer {
        audience: setting(args.audience.as_ref(), &rule::AUDIENCE, errors)?,
        max_age: max_age.map(|(seconds, _)| seconds),
        opaque_without_audience,
    })
}

fn store(key: Option<&Key>, has_redis: bool, errors: &mut Errors) -> Option<Store> {
    match value::value(key?, errors)? {
        Value::Literal(text) => match text.value().as_str() {
            "redis" if !feature::REDIS => {
                errors.at(text, feature::feature_missing("redis", "redis"));
            }
            "redis" if !has_redis => errors.at(text, sentences::NO_REDIS_TO_KEEP_IN),
            "redis" => return Some(Store::Redis),
            other => errors.at(&text, sentences::store(other)),
        },
        Value::Path(path) if path.is_ident("redis") => {
            errors.at(path, error::word_or_path(key?, "redis"));
        }
        Value::Path(path) => return Some(Store::Custom(path)),
        Value::None(word) => errors.at(word, sentences::STORE_NONE),
        Value::Env(env) => errors.at(env.name, sentences::STORE_FROM_ENV),
    }
    None
}

/// Returns whether a Redis is named that machines share. What is wrong with it is said where it stands.
fn has_redis(key: Option<&Key>) -> bool {
    let mut said_elsewhere = Errors::default();
    let args: StateArgs = keys::listed(key, &mut said_elsewhere);
    let redis = args.redis.as_ref();
    redis.is_some_and(|redis| {
        !matches!(
            value::value(redis, &mut said_elsewhere),
            Some(Value::None(_))
        )
    })
}

fn cookies(key: Option<&Key>, errors: &mut Errors) -> Cookies {
    let args: CookieArgs = keys::listed(key, errors);
    let (name, domain, path) = (args.name.as_ref(), args.domain.as_ref(), args.path.as_ref());
    let same_site = args.same_site.as_ref();
    Cookies {
        name: literal_of("a cookie's name", name, &rule::COOKIE_NAME, errors),
        same_site: word(same_site, &SAME_SITE, sentences::same_site, errors),
        secure: flag(args.secure.as_ref(), errors),
        domain: setting_of("a cookie's domain", domain, &rule::COOKIE_DOMAIN, errors),
        path: literal_of("a cookie's path", path, &rule::COOKIE_PATH, errors),
    }
}

fn shared_state(key: Option<&Key>, errors: &mut Errors) -> SharedState {
    let Some((key, tokens)) = key.and_then(|key| Some((key, value::list(key, errors)?))) else {
        return SharedState::default();
    };
    let before = errors.count();
    let args: StateArgs = keys::parse(tokens, errors);
    match &args.redis {
        Some(redis) if !feature::REDIS => {
            errors.at(redis.path(), feature::feature_missing("redis", "redis"));
        }
        None if errors.count() == before => errors.at(key, sentences::NOTHING_SHARED),
        _ => {}
    }
    SharedState {
        redis: secret(args.redis.as_ref(), errors),
        prefix: literal(args.prefix.as_ref(), &rule::KEY_PREFIX, errors),
        fail_closed: flag(args.fail_closed.as_ref(), errors),
    }
}

// Landing.

fn landing(key: Option<&Key>, listed: &Listed, errors: &mut Errors) -> Option<Vec<Landing>> {
    let key = key?;
    let tokens = value::list(key, errors)?;
    if tokens.is_empty() {
        return errors.refuse(key, sentences::LANDING_EMPTY);
    }
    let before = errors.count();
    let rules = landing::parse(tokens, errors);
    let all_read = errors.count() == before;
    for rule in &rules {
        rule.when.check(errors);
        named(&rule.when, listed, errors);
        let _ = checked(&rule.to, "a landing page", &rule::LOCAL_TARGET, errors);
    }
    order(key, &rules, all_read, errors);
    Some(rules)
}

/// Checks that `_` is the last rule, and that no rule is behind one that matches all it does.
fn order(key: &Key, rules: &[Landing], all_read: bool, errors: &mut Errors) {
    use Condition::Everybody;

    let catch_all = rules
        .iter()
        .position(|rule| matches!(rule.when, Everybody(_)));
    if catch_all.is_none() && all_read {
        errors.at(key.path(), sentences::NO_CATCH_ALL);
    }
    for (at, rule) in rules.iter().enumerate() {
        if catch_all.is_some_and(|catch_all| at > catch_all) {
            errors.at(&rule.to, sentences::AFTER_CATCH_ALL);
            continue;
        }
        let Some((_, name)) = rule.when.named().first().copied() else {
            continue;
        };
        let earlier = &rules[..at];
        if let Some(earlier) = earlier.iter().find(|it| rule.when.implies(&it.when)) {
            errors.at(name, sentences::unreachable_rule(&earlier.when.to_string()));
        } else if is_used_up(rule, earlier) {
            errors.at(name, sentences::USED_UP);
        }
    }
}

/// Returns whether whoever matches this rule has matched one of those before it. `_`, which has to be the last, may.
fn is_used_up(rule: &Landing, earlier: &[Landing]) -> bool {
    let earlier = earlier.iter().map(|earlier| (&earlier.when, false));
    let goals: Vec<_> = earlier.chain([(&rule.when, true)]).collect();
    condition::never(&goals)
}

// Path rules.

fn protect(key: Option<&Key>, listed: &Listed, errors: &mut Errors) -> Vec<Protect> {
    let rules = path_rules::protect(key, errors);
    for rule in &rules {
        rule.when.check(errors);
        named(&rule.when, listed, errors);
    }
    rules
}

// Paths against one another.

/// Checks that no two endpoints lie on one path, and no path rule is about one. Returns where each lies.
fn apart(spec: &Spec, errors: &mut Errors) -> Vec<(&'static str, String)> {
    let base = spec.base();
    let mut lie: Vec<(&'static str, String)> = Vec::new();
    for (name, path) in spec.endpoint_paths() {
        let written = spec.paths.iter().find(|(key, _)| *key == name);
        if let Some((other, _)) = lie.iter().find(|(_, taken)| *taken == path) {
            // Two defaults never meet, so one of the two was written.
            let at = written.or_else(|| spec.paths.iter().find(|(key, _)| key == other));
            if let Some((_, text)) = at {
                errors.at(text, sentences::same_path(other, name, &path));
            }
        }
        lie.push((name, path));
    }
    if spec.keep_post.is_some()
        && let Some((_, sign_in)) = lie.iter().find(|(name, _)| *name == "signin")
    {
        let path = format!("{sign_in}/form");
        let other = lie.iter().find(|(_, taken)| *taken == path);
        let other = other.and_then(|(name, _)| spec.paths.iter().find(|(key, _)| key == name));
        if let Some((name, text)) = other {
            errors.at(text, sentences::same_path(name, "keep_post", &path));
        }
        lie.push(("keep_post", path));
    }
    let protected = spec.protect.iter().map(|rule| &rule.path);
    path_rules::off_endpoints(protected.chain(&spec.public), &base, &lie, errors);
    lie
}
