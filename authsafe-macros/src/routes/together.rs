//! What keys say together: what browsers make of them, and whether each of them decides anything.

use quote::ToTokens;
use syn::LitStr;

use crate::error::{self, Errors};
use crate::key::Key;
use crate::keys::{self, Keys};
use crate::routes::args::{BearerArgs, CookieArgs, PathArgs, ProviderArgs, RoutesArgs, StateArgs};
use crate::routes::sentences;
use crate::routes::spec::{AskUserInfo, Logout, SameSite, Secret, Setting, Spec};
use authsafe_rules::cookie::Facts;
use authsafe_rules::target;

/// Returns the keys of a list that was read before, with its mistakes said there.
fn read_again<T: Keys>(key: Option<&Key>) -> T {
    keys::listed(key, &mut Errors::default())
}

/// Returns the text of a setting that is the same wherever the app runs.
fn literal(setting: Option<&Setting>) -> Option<String> {
    match setting? {
        Setting::Literal(text) => Some(text.value()),
        Setting::Env { .. } | Setting::Value(_) => None,
    }
}

/// Reports cookies that no browser would keep, or send to where they are for. `endpoints` lie at these paths.
pub(super) fn cookies(
    args: &RoutesArgs,
    spec: &Spec,
    endpoints: &[(&str, String)],
    errors: &mut Errors,
) {
    let keys: CookieArgs = read_again(args.cookies.as_ref());
    let cookies = &spec.cookies;
    let (name, path) = (cookies.name.as_ref(), cookies.path.as_ref());
    let (name, path) = (name.map(LitStr::value), path.map(LitStr::value));
    let (domain, app_url) = (
        literal(cookies.domain.as_ref()),
        literal(spec.app_url.as_ref()),
    );
    // The provider calls that one, without cookies.
    let by_browsers = endpoints
        .iter()
        .filter(|(it, _)| *it != "backchannel_logout");
    let endpoints: Vec<_> = by_browsers.map(|(name, path)| (*name, &**path)).collect();
    let protect: Vec<String> = spec.protect.iter().map(|it| it.path.value()).collect();
    let facts = Facts {
        name: name.as_deref(),
        same_site_none: cookies.same_site == Some(SameSite::None),
        secure: cookies.secure,
        has_domain: keys.domain.is_some(),
        domain: domain.as_deref(),
        path: path.as_deref(),
        app_url: app_url.as_deref(),
        endpoints: &endpoints,
        protect: &protect.iter().map(String::as_str).collect::<Vec<_>>(),
    };
    for (name, wrong) in facts.wrong() {
        let (key, what) = match name {
            "name" => (&keys.name, "a cookie's name"),
            "same_site" => (&keys.same_site, "same_site"),
            "secure" => (&keys.secure, "secure"),
            "domain" => (&keys.domain, "a cookie's domain"),
            _ => (&keys.path, "a cookie's path"),
        };
        errors.at(key, error::refused(what, &wrong));
    }
}

/// Reports pages of the app at which a browser meets an endpoint.
pub(super) fn pages(spec: &Spec, endpoints: &[(&str, String)], errors: &mut Errors) {
    let landing = spec.landing.iter().flatten();
    let landing = landing.map(|rule| ("a landing page", &rule.to));
    let after_logout = spec.after_logout.iter().map(|it| ("after_logout", it));
    let pages = spec.pages.iter().map(|(_, it)| ("a page", it));
    for (what, text) in landing.chain(after_logout).chain(pages) {
        let endpoints = endpoints.iter().map(|(name, path)| (*name, &**path));
        if let Some(wrong) = target::wrong_page(&text.value(), endpoints) {
            errors.at(text.to_token_stream(), error::refused(what, &wrong));
        }
    }
}

/// Reports keys that decide nothing beside others, which a provider's name may have set.
pub(super) fn idle(args: &RoutesArgs, spec: &Spec, errors: &mut Errors) {
    let endpoints: ProviderArgs = read_again(args.endpoints.as_ref());
    let paths: PathArgs = read_again(args.paths.as_ref());
    let bearer: BearerArgs = read_again(args.bearer.as_ref());
    let state: StateArgs = read_again(args.shared_state.as_ref());
    let is_public = matches!(spec.client_secret, Some(Secret::None));
    let is_local = matches!(spec.logout, Some(Logout::Local));
    let without_redis = matches!(spec.shared_state.redis, Some(Secret::None));
    let by_hand = |name| spec.endpoints.urls.iter().any(|(it, _)| *it == name);
    let by_hand = ["authorization", "token", "jwks"].into_iter().all(by_hand);
    let never = matches!(spec.userinfo, Some(AskUserInfo::Never));
    let takes_opaque = spec
        .bearer
        .as_ref()
        .and_then(|it| it.opaque_without_audience);
    let introspection = &endpoints.introspection;
    let signed_out = match args.logout {
        Some(_) => sentences::IDLE_SIGNED_OUT,
        None => sentences::IDLE_SIGNED_OUT_BY_NAME,
    };
    let rows = [
        (&endpoints.userinfo, never, sentences::IDLE_USERINFO),
        (
            &endpoints.end_session,
            is_local,
            sentences::IDLE_END_SESSION,
        ),
        (&paths.signed_out, is_local, signed_out),
        (
            introspection,
            args.bearer.is_none(),
            sentences::IDLE_WITHOUT_BEARER,
        ),
        (
            introspection,
            is_public && args.bearer.is_some(),
            sentences::IDLE_WITHOUT_SECRET,
        ),
        (
            &bearer.opaque_without_audience,
            is_public && takes_opaque == Some(true),
            sentences::IDLE_WITHOUT_SECRET,
        ),
        (&state.prefix, without_redis, sentences::IDLE_WITHOUT_REDIS),
        (
            &state.fail_closed,
            without_redis,
            sentences::IDLE_WITHOUT_REDIS,
        ),
        (&args.tenants, by_hand, sentences::IDLE_WITHOUT_DOCUMENT),
    ];
    for (key, _, why) in rows.into_iter().filter(|(_, holds, _)| *holds) {
        if let Some(key) = key {
            errors.at(key.path(), sentences::decides_nothing(&key.name(), why));
        }
    }
}
