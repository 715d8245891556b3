//! From what was written to what it means; every mistake on the way is reported.

use quote::ToTokens;
use syn::{LitStr, Meta};

use crate::condition::{self, Condition};
use crate::error::{self, Errors};
use crate::feature;
use crate::keys;
use crate::krate;
use crate::names::{Kind, names};
use crate::routes::args::{
    BearerArgs, CookieArgs, PathArgs, ProviderArgs, RateArgs, RoutesArgs, SessionArgs, StateArgs,
};
use crate::routes::spec::{
    Bearer, Cookies, Endpoints, Landing, Protect, SameSite, Secret, Session, Setting, SharedState,
    Spec, Store,
};
use crate::routes::{landing, path_rules};
use crate::unauthenticated;
use crate::value::{self, EnvDefault, Value, checked};
use authsafe_rules::text::{self as rule, Verdict};
use authsafe_rules::{default, limit};

const SCOPE: Kind = Kind {
    word: "scope",
    rule: rule::scope,
};

const ROLE: Kind = Kind {
    word: "role",
    rule: rule::role,
};

const NETWORK: Kind = Kind {
    word: "network",
    rule: |text| rule::network(text).map(drop),
};

pub(crate) fn check(args: RoutesArgs, errors: &mut Errors) -> Spec {
    let before = errors.count();
    let scopes = args
        .scopes
        .as_ref()
        .and_then(|meta| names(meta, SCOPE, errors));
    let requested = match (&args.scopes, &scopes) {
        (Some(meta), Some(scopes)) if errors.count() == before => {
            openid(meta, scopes, errors);
            Some(texts(scopes))
        }
        (None, _) => Some(default::SCOPES.iter().map(|&s| s.to_owned()).collect()),
        // A list with a mistake in it: nothing is known to be missing from it.
        _ => None,
    };
    let before = errors.count();
    let roles = args
        .roles
        .as_ref()
        .and_then(|meta| names(meta, ROLE, errors));
    let listed = roles
        .as_deref()
        .filter(|_| errors.count() == before)
        .map(texts);
    let before = errors.count();
    let paths = paths(args.paths.as_ref(), errors);
    // Paths with a mistake in them: nothing is known to be missing.
    let has_session =
        errors.count() > before || paths.iter().any(|(endpoint, _)| *endpoint == "session");
    let spec = Spec {
        runtime: krate::runtime(args.krate.as_ref(), errors),
        domain: setting(args.domain.as_ref(), rule::domain, errors),
        client_id: setting(args.client_id.as_ref(), rule::not_blank, errors),
        client_secret: secret(args.client_secret.as_ref(), errors),
        cookie_secret: secret(args.cookie_secret.as_ref(), errors),
        app_url: setting(args.app_url.as_ref(), rule::app_url, errors),
        ca_file: setting(args.ca_file.as_ref(), rule::not_blank, errors),
        base_path: literal(
            args.base_path.as_ref(),
            "base_path",
            rule::base_path,
            errors,
        ),
        paths,
        landing: landing(
            args.landing.as_ref(),
            requested.as_deref(),
            listed.as_deref(),
            errors,
        ),
        after_logout: literal(
            args.after_logout.as_ref(),
            "after_logout",
            rule::local_target,
            errors,
        ),
        endpoints: endpoints(args.endpoints.as_ref(), errors),
        session: session(
            args.session.as_ref(),
            requested.as_deref(),
            shares_redis(args.shared_state.as_ref()),
            errors,
        ),
        bearer: bearer(args.bearer.as_ref(), errors),
        cookies: cookies(args.cookies.as_ref(), errors),
        rate_limit: rates(args.rate_limit.as_ref(), has_session, errors),
        trusted_proxies: args
            .trusted_proxies
            .as_ref()
            .and_then(|meta| names(meta, NETWORK, errors)),
        shared_state: shared_state(args.shared_state.as_ref(), errors),
        protect: protect(&args, requested.as_deref(), listed.as_deref(), errors),
        public: path_rules::public(args.public.as_ref(), errors),
        unauthenticated: args
            .unauthenticated
            .as_ref()
            .and_then(|meta| unauthenticated::of_routes(meta, errors)),
        on_event: path(args.on_event.as_ref(), errors),
        on_error: path(args.on_error.as_ref(), errors),
        scopes,
        roles,
    };
    let written = [args.protect.as_ref(), args.public.as_ref()];
    path_rules::check(&spec.protect, &spec.public, written, errors);
    apart(&spec, errors);
    spec
}

// Single values.

fn setting(meta: Option<&Meta>, rule: fn(&str) -> Verdict, errors: &mut Errors) -> Option<Setting> {
    let meta = meta?;
    let key = value::key(meta);
    let value = value::value(meta, errors)?;
    if let Value::None(word) = &value {
        errors.at(word, error::not_none(&key));
    }
    if let Value::Env(env) = &value
        && let Some(EnvDefault::None(word)) = &env.default
    {
        errors.at(word, error::not_none(&key));
    }
    let setting = Setting::of(value)?;
    if let Some(text) = setting.text() {
        checked(text, &key, rule, errors)?;
    }
    Some(setting)
}

fn secret(meta: Option<&Meta>, errors: &mut Errors) -> Option<Secret> {
    let meta = meta?;
    let key = value::key(meta);
    let optional = key != "cookie_secret";
    match value::value(meta, errors)? {
        Value::Literal(text) => errors.at(text, error::secret_literal(&key)),
        Value::None(_) if optional => return Some(Secret::None),
        Value::None(word) => errors.at(word, error::NO_COOKIE_SECRET),
        Value::Path(path) => return Some(Secret::Value(path)),
        Value::Env(env) => match env.default {
            None => return Some(Secret::Env(env.name)),
            Some(EnvDefault::None(_)) if optional => return Some(Secret::OptionalEnv(env.name)),
            Some(EnvDefault::None(word)) => errors.at(word, error::NO_COOKIE_SECRET),
            Some(EnvDefault::Literal(text)) => errors.at(text, error::secret_default(&key)),
        },
    }
    None
}

fn literal(
    meta: Option<&Meta>,
    what: &str,
    rule: fn(&str) -> Verdict,
    errors: &mut Errors,
) -> Option<LitStr> {
    let text = value::literal(meta?, errors)?;
    checked(&text, what, rule, errors)?;
    Some(text)
}

fn path(meta: Option<&Meta>, errors: &mut Errors) -> Option<syn::Path> {
    value::path(meta?, errors)
}

fn openid(meta: &Meta, scopes: &[LitStr], errors: &mut Errors) {
    if !scopes.iter().any(|scope| scope.value() == "openid") {
        errors.at(meta.path(), error::no_openid(scopes));
    }
}

// Lists of keys.

fn paths(meta: Option<&Meta>, errors: &mut Errors) -> Vec<(&'static str, LitStr)> {
    let Some(tokens) = meta.and_then(|meta| value::list(meta, errors)) else {
        return Vec::new();
    };
    let args: PathArgs = keys::parse(tokens, errors);
    let mut path = |name, meta: Option<Meta>| {
        let text = literal(meta.as_ref(), name, rule::endpoint_path, errors)?;
        Some((name, text))
    };
    [
        path("signin", args.signin),
        path("callback", args.callback),
        path("logout", args.logout),
        path("refresh", args.refresh),
        path("session", args.session),
        path("backchannel_logout", args.backchannel_logout),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn endpoints(meta: Option<&Meta>, errors: &mut Errors) -> Endpoints {
    let Some(tokens) = meta.and_then(|meta| value::list(meta, errors)) else {
        return Endpoints::default();
    };
    let args: ProviderArgs = keys::parse(tokens, errors);
    let authsafe = args
        .authsafe
        .as_ref()
        .and_then(|meta| value::flag(meta, errors));
    let mut endpoint = |name, meta: Option<Meta>| {
        Some((name, setting(meta.as_ref(), rule::endpoint_url, errors)?))
    };
    let urls = [
        endpoint("issuer", args.issuer),
        endpoint("authorization", args.authorization),
        endpoint("token", args.token),
        endpoint("jwks", args.jwks),
        endpoint("userinfo", args.userinfo),
        endpoint("revocation", args.revocation),
        endpoint("introspection", args.introspection),
        endpoint("end_session", args.end_session),
    ];
    Endpoints {
        urls: urls.into_iter().flatten().collect(),
        authsafe,
    }
}

fn rates(
    meta: Option<&Meta>,
    has_session: bool,
    errors: &mut Errors,
) -> Vec<(&'static str, u32, u64)> {
    let Some(tokens) = meta.and_then(|meta| value::list(meta, errors)) else {
        return Vec::new();
    };
    let args: RateArgs = keys::parse(tokens, errors);
    if let Some(meta) = &args.session
        && !has_session
    {
        errors.at(meta.path(), error::RATE_WITHOUT_SESSION);
    }
    let mut rate = |name, meta: Option<Meta>| {
        let text = value::literal(meta.as_ref()?, errors)?;
        let (count, per) = checked(&text, "a rate", rule::rate, errors)?;
        Some((name, count, per))
    };
    [
        rate("signin", args.signin),
        rate("callback", args.callback),
        rate("logout", args.logout),
        rate("refresh", args.refresh),
        rate("session", args.session),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn session(
    meta: Option<&Meta>,
    requested: Option<&[String]>,
    shares_redis: bool,
    errors: &mut Errors,
) -> Session {
    let Some(tokens) = meta.and_then(|meta| value::list(meta, errors)) else {
        return Session::default();
    };
    let args: SessionArgs = keys::parse(tokens, errors);
    let mut duration = |key, meta: Option<&Meta>| {
        let text = value::literal(meta?, errors)?;
        let seconds = checked(&text, key, rule::duration, errors)?;
        Some((seconds, text))
    };
    let max_age = duration("max_age", args.max_age.as_ref());
    let idle = duration("idle", args.idle.as_ref());
    let transaction = duration("transaction", args.transaction.as_ref());
    let refresh_before = duration("refresh_before", args.refresh_before.as_ref());

    let longest = max_age.as_ref().map_or(default::MAX_AGE, |(age, _)| *age);
    if let Some((seconds, text)) = &idle
        && *seconds > longest
        && (max_age.is_some() || args.max_age.is_none())
    {
        let longest = max_age
            .as_ref()
            .map_or("1h".to_owned(), |(_, text)| text.value());
        errors.at(text, error::idle_over_max(&text.value(), &longest));
    }
    if let Some((seconds, text)) = &transaction
        && *seconds > limit::SIGN_IN
    {
        errors.at(text, error::TRANSACTION_TOO_LONG);
    }
    let auto_refresh = args
        .auto_refresh
        .as_ref()
        .and_then(|meta| value::flag(meta, errors));
    if auto_refresh == Some(true)
        && let Some(meta) = &args.auto_refresh
        && requested.is_some_and(|scopes| !scopes.iter().any(|scope| scope == "offline_access"))
    {
        errors.at(meta.path(), error::NO_OFFLINE_ACCESS);
    }
    if auto_refresh == Some(false)
        && let Some(meta) = &args.refresh_before
    {
        errors.at(meta.path(), error::NO_AUTO_REFRESH);
    }
    Session {
        max_age: max_age.map(|(seconds, _)| seconds),
        idle: idle.map(|(seconds, _)| seconds),
        transaction: transaction.map(|(seconds, _)| seconds),
        auto_refresh,
        refresh_before: refresh_before.map(|(seconds, _)| seconds),
        store: store(args.store.as_ref(), shares_redis, errors),
    }
}

fn bearer(meta: Option<&Meta>, errors: &mut Errors) -> Option<Bearer> {
    let meta = meta?;
    let tokens = value::list(meta, errors)?;
    let before = errors.count();
    let args: BearerArgs = keys::parse(tokens, errors);
    if args.audience.is_none() && errors.count() == before {
        errors.at(meta.path(), error::NO_AUDIENCE);
    }
    let max_age = args.max_age.as_ref().and_then(|meta| {
        let text = value::literal(meta, errors)?;
        checked(&text, "max_age", rule::duration, errors)
    });
    let opaque_without_audience = args
        .opaque_without_audience
        .as_ref()
        .and_then(|meta| value::flag(meta, errors));
    Some(Bearer {
        audience: setting(args.audience.as_ref(), rule::audience, errors)?,
        max_age,
        opaque_without_audience,
    })
}

fn store(meta: Option<&Meta>, shares_redis: bool, errors: &mut Errors) -> Option<Store> {
    match value::value(meta?, errors)? {
        Value::Literal(text) => match text.value().as_str() {
            "redis" if !feature::REDIS => {
                errors.at(text, error::feature_missing("redis", "redis"));
            }
            "redis" if !shares_redis => errors.at(text, error::NO_REDIS_TO_KEEP_IN),
            "redis" => return Some(Store::Redis),
            other => errors.at(&text, error::store(other)),
        },
        Value::Path(path) => return Some(Store::Custom(path)),
        Value::None(word) => errors.at(word, error::STORE_NONE),
        Value::Env(env) => errors.at(env.name, error::STORE_FROM_ENV),
    }
    None
}

/// Returns whether a Redis is named that machines share. What is wrong with it is said where it stands.
fn shares_redis(meta: Option<&Meta>) -> bool {
    let mut said_elsewhere = Errors::default();
    let Some(tokens) = meta.and_then(|meta| value::list(meta, &mut said_elsewhere)) else {
        return false;
    };
    let args: StateArgs = keys::parse(tokens, &mut said_elsewhere);
    let redis = args.redis.as_ref();
    redis.is_some_and(|redis| {
        !matches!(
            value::value(redis, &mut said_elsewhere),
            Some(Value::None(_))
        )
    })
}

fn cookies(meta: Option<&Meta>, errors: &mut Errors) -> Cookies {
    let Some(tokens) = meta.and_then(|meta| value::list(meta, errors)) else {
        return Cookies::default();
    };
    let args: CookieArgs = keys::parse(tokens, errors);
    let cookies = Cookies {
        name: literal(
            args.name.as_ref(),
            "a cookie's name",
            rule::cookie_name,
            errors,
        ),
        same_site: args
            .same_site
            .as_ref()
            .and_then(|meta| same_site(meta, errors)),
        secure: args
            .secure
            .as_ref()
            .and_then(|meta| value::flag(meta, errors)),
        domain: cookie_domain(args.domain.as_ref(), errors),
        path: literal(
            args.path.as_ref(),
            "a cookie's path",
            rule::cookie_path,
            errors,
        ),
    };
    if let Some(meta) = &args.same_site
        && cookies.same_site == Some(SameSite::None)
        && cookies.secure != Some(true)
    {
        errors.at(meta, error::SAME_SITE_NONE);
    }
    prefix(&args, &cookies, errors);
    cookies
}

fn shared_state(meta: Option<&Meta>, errors: &mut Errors) -> SharedState {
    let Some((meta, tokens)) = meta.and_then(|meta| Some((meta, value::list(meta, errors)?)))
    else {
        return SharedState::default();
    };
    let before = errors.count();
    let args: StateArgs = keys::parse(tokens, errors);
    match &args.redis {
        Some(redis) if !feature::REDIS => {
            errors.at(redis.path(), error::feature_missing("redis", "redis"));
        }
        None if errors.count() == before => errors.at(meta, error::NOTHING_SHARED),
        _ => {}
    }
    SharedState {
        redis: secret(args.redis.as_ref(), errors),
        prefix: literal(args.prefix.as_ref(), "prefix", rule::key_prefix, errors),
        fail_closed: args
            .fail_closed
            .as_ref()
            .and_then(|meta| value::flag(meta, errors)),
    }
}

fn same_site(meta: &Meta, errors: &mut Errors) -> Option<SameSite> {
    let text = value::literal(meta, errors)?;
    match text.value().as_str() {
        "lax" => return Some(SameSite::Lax),
        "none" => return Some(SameSite::None),
        "strict" => errors.at(text, error::SAME_SITE_STRICT),
        other => errors.at(&text, error::same_site(other)),
    }
    None
}

fn cookie_domain(meta: Option<&Meta>, errors: &mut Errors) -> Option<Setting> {
    let meta = meta?;
    let domain = setting(Some(meta), |_| Ok(()), errors)?;
    if let Some(text) = domain.text() {
        checked(text, "a cookie's domain", rule::cookie_domain, errors)?;
    }
    Some(domain)
}

/// RFC 6265bis §4.1.3: what the prefixes ask for.
fn prefix(args: &CookieArgs, cookies: &Cookies, errors: &mut Errors) {
    let name = cookies
        .name
        .as_ref()
        .map(|name| name.value().to_ascii_lowercase())
        .unwrap_or_default();
    let host = name.starts_with("__host-");
    if let (Some(meta), true) = (&args.domain, host) {
        errors.at(meta, error::host_prefix("domain"));
    }
    if let (Some(meta), true) = (&args.path, host)
        && cookies
            .path
            .as_ref()
            .is_some_and(|path| path.value() != "/")
    {
        errors.at(meta, error::host_prefix("path"));
    }
    if let Some(meta) = &args.secure
        && cookies.secure == Some(false)
        && (host || name.starts_with("__secure-"))
    {
        errors.at(meta, error::PREFIX_NOT_SECURE);
    }
}

// Landing.

fn landing(
    meta: Option<&Meta>,
    requested: Option<&[String]>,
    roles: Option<&[String]>,
    errors: &mut Errors,
) -> Option<Vec<Landing>> {
    let meta = meta?;
    let tokens = value::list(meta, errors)?;
    if tokens.is_empty() {
        errors.at(meta, error::LANDING_EMPTY);
        return None;
    }
    let before = errors.count();
    let rules = landing::parse(tokens, errors);
    let all_read = errors.count() == before;
    for rule in &rules {
        rule.when.check(errors);
        named(&rule.when, requested, roles, errors);
        let _ = checked(&rule.to, "a landing page", rule::local_target, errors);
    }
    order(meta, &rules, all_read, errors);
    Some(rules)
}

/// The names in a condition are ones that a session can have.
fn named(
    when: &Condition,
    requested: Option<&[String]>,
    roles: Option<&[String]>,
    errors: &mut Errors,
) {
    for (kind, name) in when.named() {
        let text = name.value();
        if let Some(requested) = requested
            && kind == condition::Kind::Scope
            && rule::scope(&text).is_ok()
            && !requested.contains(&text)
        {
            errors.at(name, error::never_requested(&text, requested));
        }
        if let Some(roles) = roles
            && kind == condition::Kind::Role
            && rule::role(&text).is_ok()
            && !roles.contains(&text)
        {
            errors.at(name, error::unknown_role(&text, roles));
        }
    }
}

/// `_` stands last, and no rule stands behind one that matches all it does.
fn order(meta: &Meta, rules: &[Landing], all_read: bool, errors: &mut Errors) {
    use Condition::Everybody;

    let catch_all = rules
        .iter()
        .position(|rule| matches!(rule.when, Everybody(_)));
    if catch_all.is_none() && all_read {
        errors.at(meta.path(), error::NO_CATCH_ALL);
    }
    for (at, rule) in rules.iter().enumerate() {
        if catch_all.is_some_and(|catch_all| at > catch_all) {
            errors.at(&rule.to, error::AFTER_CATCH_ALL);
            continue;
        }
        let earlier = rules[..at]
            .iter()
            .find(|earlier| rule.when.implies(&earlier.when));
        if let (Some(earlier), Some((_, name))) = (earlier, rule.when.names().first()) {
            errors.at(name, error::unreachable_rule(&earlier.when.to_string()));
        }
    }
}

// Path rules.

fn protect(
    args: &RoutesArgs,
    requested: Option<&[String]>,
    roles: Option<&[String]>,
    errors: &mut Errors,
) -> Vec<Protect> {
    let rules = path_rules::protect(args.protect.as_ref(), errors);
    for rule in &rules {
        rule.when.check(errors);
        named(&rule.when, requested, roles, errors);
    }
    rules
}

fn texts(names: &[LitStr]) -> Vec<String> {
    names.iter().map(LitStr::value).collect()
}

// Paths against one another.

/// No two endpoints on one path, no page on an endpoint.
fn apart(spec: &Spec, errors: &mut Errors) {
    let base = spec
        .base_path
        .as_ref()
        .map_or(default::BASE_PATH.to_owned(), LitStr::value);
    let mut lie: Vec<(&str, String)> = Vec::new();
    let optional = spec.paths.iter().map(|&(name, _)| name);
    let optional = optional.filter(|name| !default::PATHS.contains(name));
    for name in default::PATHS.iter().copied().chain(optional) {
        let written = spec.paths.iter().find(|(key, _)| *key == name);
        let path = written.map_or(name.to_owned(), |(_, path)| path.value());
        let path = format!("{base}/{path}");
        if let Some((other, _)) = lie.iter().find(|(_, taken)| *taken == path) {
            // Two defaults never meet, so one of the two was written.
            let at = written.or_else(|| spec.paths.iter().find(|(key, _)| key == other));
            if let Some((_, text)) = at {
                errors.at(text, error::same_path(other, name, &path));
            }
        }
        lie.push((name, path));
    }
    let mut page = |what: &str, text: &LitStr| {
        let target = text.value();
        let end = target.find(['?', '#']).unwrap_or(target.len());
        let path = target[..end].trim_end_matches('/');
        if let Some((name, _)) = lie.iter().find(|(_, taken)| taken == path) {
            errors.at(
                text.to_token_stream(),
                error::on_endpoint(what, &target, name),
            );
        }
    };
    for rule in spec.landing.iter().flatten() {
        page("a landing page", &rule.to);
    }
    if let Some(text) = &spec.after_logout {
        page("after_logout", text);
    }
    let protected = spec.protect.iter().map(|rule| &rule.path);
    path_rules::off_endpoints(protected.chain(&spec.public), &base, &lie, errors);
}
