//! Every sentence that a user reads: what is wrong, and what to write instead.

use core::fmt;

use quote::ToTokens;
use syn::LitStr;

use authsafe_rules::spelling;
use authsafe_rules::text::Reason;

/// The mistakes found so far; all of them are reported.
#[derive(Default)]
pub(crate) struct Errors {
    all: Option<syn::Error>,
    count: usize,
}

impl Errors {
    /// A mistake at these tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, sentence: impl fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, sentence));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.count += 1;
        match &mut self.all {
            Some(first) => first.combine(error),
            None => self.all = Some(error),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn finish(self) -> Option<syn::Error> {
        self.all
    }
}

/// How each key is written, as an example.
pub(crate) fn usage(key: &str) -> &'static str {
    match key {
        "domain" => {
            r#"domain = "https://identities.example.com"` or `domain = env("AUTHSAFE_DOMAIN")"#
        }
        "client_id" => r#"client_id = "..."` or `client_id = env("AUTHSAFE_CLIENT_ID")"#,
        "client_secret" => {
            r#"client_secret = env("AUTHSAFE_CLIENT_SECRET")` or `client_secret = none"#
        }
        "cookie_secret" => r#"cookie_secret = env("AUTHSAFE_COOKIE_SECRET")"#,
        "app_url" => r#"app_url = "https://app.example.com"` or `app_url = env("APP_URL")"#,
        "ca_file" => r#"ca_file = env("AUTHSAFE_CA_FILE")"#,
        "base_path" => r#"base_path = "/api/auth""#,
        "paths" => r#"paths(signin = "signin", callback = "callback")"#,
        "scopes" => r#"scopes("openid", "email", "profile")"#,
        "roles" => r#"roles("editor", "admin")"#,
        "landing" => r#"landing(scope("admin") => "/admin", _ => "/")"#,
        "after_logout" => r#"after_logout = "/""#,
        "endpoints" => r#"endpoints(token = "https://...")"#,
        "authsafe" => "authsafe` or `authsafe = false",
        "session" => r#"session(max_age = "8h", idle = "30m")"#,
        "bearer" => r#"bearer(audience = "https://api.example.com")"#,
        "audience" => r#"audience = "https://api.example.com"` or `audience = env("API_AUDIENCE")"#,
        "opaque_without_audience" => "opaque_without_audience` or `opaque_without_audience = false",
        "cookies" => r#"cookies(name = "authsafe", same_site = "lax")"#,
        "rate_limit" => r#"rate_limit(signin = "20/minute")"#,
        "trusted_proxies" => r#"trusted_proxies("10.0.0.0/8", "2001:db8::/32")"#,
        "shared_state" => r#"shared_state(redis = env("REDIS_URL"))"#,
        "redis" => r#"redis = env("REDIS_URL")"#,
        "prefix" => r#"prefix = "shop:""#,
        "fail_closed" => "fail_closed` or `fail_closed = false",
        "protect" => r#"protect("/admin/**" => scope("admin"), "/app/**" => auth)"#,
        "public" => r#"public("/health", "/assets/**")"#,
        "unauthenticated" => {
            r#"unauthenticated = "auto"`, `"redirect"`, `"json"` or `path::to::function"#
        }
        "on_event" => "on_event = path::to::function",
        "on_error" => "on_error = path::to::function",
        "crate" => "crate = path::to::authsafe",
        "signin" | "callback" | "logout" | "refresh" => r#"signin = "...""#,
        "backchannel_logout" => r#"backchannel_logout = "backchannel-logout""#,
        "max_age" => r#"max_age = "8h""#,
        "idle" => r#"idle = "30m""#,
        "transaction" => r#"transaction = "10m""#,
        "auto_refresh" => "auto_refresh` or `auto_refresh = false",
        "store" => r#"store = "redis"` or `store = path::to::function"#,
        "name" => r#"name = "authsafe""#,
        "same_site" => r#"same_site = "lax""#,
        "secure" => "secure` or `secure = false",
        "path" => r#"path = "/""#,
        "routes" => "routes = crate::auth` or `routes = any",
        "policy" => "policy = path::to::policy",
        _ => r#"... = "https://..."` or `... = env("NAME")"#,
    }
}

/// As [`usage`], where a value has to stand: `session` is a list elsewhere.
pub(crate) fn value_usage(key: &str) -> &'static str {
    match key {
        "session" => r#"session = "...""#,
        key => usage(key),
    }
}

// Keys.

pub(crate) fn unknown_key(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(near) => format!("there is no key `{found}`; did you mean `{near}`?"),
        None => format!("there is no key `{found}`; the keys are {}", list(known)),
    }
}

pub(crate) fn key_twice(key: &str) -> String {
    format!("`{key}` is given twice; keep one")
}

pub(crate) fn no_key(known: &[&str]) -> String {
    format!("expected a key; the keys are {}", list(known))
}

pub(crate) fn no_value(key: &str, usage: &str) -> String {
    format!("`{key}` has no value; write `{usage}`")
}

pub(crate) fn not_a_list(key: &str) -> String {
    format!(
        "`{key}` is not written like this; write `{}`",
        value_usage(key)
    )
}

pub(crate) fn shape(key: &str) -> String {
    format!("`{key}` is not written like this; write `{}`", usage(key))
}

pub(crate) const NO_COMMA: &str = "expected `,` before this";
pub(crate) const EXTRA_COMMA: &str = "nothing stands between these commas; remove one";

// Values.

pub(crate) fn refused(what: &str, value: &str, reason: &Reason, mended: Option<&str>) -> String {
    let hint = match mended {
        Some(mended) => format!("; write {mended:?}"),
        None => hint(what)
            .map(|hint| format!("; {hint}"))
            .unwrap_or_default(),
    };
    format!("{} cannot be {value:?}: {reason}{hint}", subject(what))
}

fn subject(what: &str) -> String {
    if what.contains(' ') {
        what.to_owned()
    } else {
        format!("`{what}`")
    }
}

fn hint(what: &str) -> Option<&'static str> {
    Some(match what {
        "a scope" => r#"write a word such as "read:documents" (RFC 6749 §3.3)"#,
        "a role" => r#"write a name such as "editor""#,
        "a permission" => r#"write a name such as "orders:write""#,
        "an org" => r#"write an organization's id, such as "org_2f9c""#,
        "a variable" => r#"write a name such as "AUTHSAFE_CLIENT_ID""#,
        "domain" => r#"write a host or an https URL, such as "https://identities.example.com""#,
        "app_url" => {
            r#"write the origin that browsers see, such as "https://app.example.com" or "http://localhost:3000""#
        }
        "base_path" => r#"write a path such as "/api/auth""#,
        "after_logout" | "a landing page" => r#"write a path of this app, such as "/dashboard""#,
        "a path pattern" => {
            r#"write segments, `*` for any one, and `**` at the end for what lies below, such as "/admin/**""#
        }
        "max_age" | "idle" | "transaction" | "recent" => {
            r#"write a number and a unit, such as "90s", "15m", "8h" or "7d""#
        }
        "audience" => {
            r#"write the `aud` of the tokens that are for this app, such as "https://api.example.com""#
        }
        "a rate" => r#"write "20/minute" (second, minute, hour, day)"#,
        "a network" => {
            r#"write the address of a proxy, or of a network of them, such as "10.0.0.0/8""#
        }
        "a cookie's name" => r#"write a name such as "authsafe" (RFC 6265 §4.1.1)"#,
        "a cookie's domain" => r#"write a host name such as "example.com""#,
        "a cookie's path" => r#"write "/" or a path such as "/app""#,
        "prefix" => r#"write something short such as "shop:""#,
        "signin" | "callback" | "logout" | "refresh" => {
            r#"write a path under `base_path`, such as "signin""#
        }
        "session" => r#"write a path under `base_path`, such as "session""#,
        "backchannel_logout" => r#"write a path under `base_path`, such as "backchannel-logout""#,
        "issuer" | "authorization" | "token" | "jwks" | "userinfo" | "revocation"
        | "introspection" | "end_session" => {
            r#"write an https URL, such as "https://identities.example.com/token""#
        }
        _ => return None,
    })
}

pub(crate) fn secret_literal(key: &str) -> String {
    let variable = match key {
        "cookie_secret" => "AUTHSAFE_COOKIE_SECRET",
        "redis" => "REDIS_URL",
        _ => "AUTHSAFE_CLIENT_SECRET",
    };
    format!(
        "a secret does not belong in source code, where everybody who reads it has it; write `{key} = env(\"{variable}\")`"
    )
}

pub(crate) fn secret_default(key: &str) -> String {
    match key {
        "client_secret" => "a secret does not belong in source code, not as a default either; leave it out, or write `default = none` for a client without one".to_owned(),
        _ => format!("a secret does not belong in source code, not as a default either; write `{key} = env(\"...\")`"),
    }
}

pub(crate) const NO_COOKIE_SECRET: &str = "without a secret, cookies cannot be sealed; write `cookie_secret = env(\"AUTHSAFE_COOKIE_SECRET\")`";

pub(crate) fn not_none(key: &str) -> String {
    format!("`{key}` cannot be none; write `{}`", usage(key))
}

pub(crate) const ENV_MACRO: &str = "`env!` reads the variable while the app is built; write `env(\"NAME\")`, which reads it when the app starts";
pub(crate) const ENV_SHAPE: &str = "write `env(\"NAME\")` or `env(\"NAME\", default = \"...\")`";
pub(crate) const ENV_EMPTY: &str = "`env` needs the name of a variable; write `env(\"NAME\")`";

pub(crate) fn call(function: &str) -> String {
    let function = function.replace(' ', "");
    format!("name the function without calling it: `{function}`")
}

pub(crate) const REFERENCE: &str = "write the path without `&`";

pub(crate) fn not_a_string(key: &str) -> String {
    format!("expected a string; write `{}`", value_usage(key))
}

pub(crate) const NO_AUDIENCE: &str = "without `audience` a token for any other app would open this one; write `bearer(audience = \"https://api.example.com\")`";

// Scopes and roles.

pub(crate) fn list_empty(key: &str) -> String {
    format!("`{key}` is empty; write `{}`, or leave it out", usage(key))
}

pub(crate) fn named_twice(what: &str, name: &str) -> String {
    format!("the {what} `{name}` is named twice; keep one")
}

/// `scopes("openid profile")`, `scopes = "openid profile"`: the words, each in quotes.
pub(crate) fn several_names(key: &str, words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    format!(
        "each name stands in quotes of its own; write `{key}({})`",
        words.join(", ")
    )
}

pub(crate) fn no_openid(written: &[LitStr]) -> String {
    let rest: String = written
        .iter()
        .map(|scope| format!(", {:?}", scope.value()))
        .collect();
    format!(
        "`openid` is missing, without which there is no ID token and nobody is signed in; write `scopes(\"openid\"{rest})`"
    )
}

/// A word with its article.
pub(crate) fn a(word: &str) -> String {
    let article = if word.starts_with('o') { "an" } else { "a" };
    format!("{article} {word}")
}

pub(crate) fn unquoted(what: &str, name: &str) -> String {
    format!("{} is written in quotes: \"{name}\"", a(what))
}

pub(crate) const NO_OFFLINE_ACCESS: &str = "`auto_refresh` needs a refresh token, which providers give for the scope \"offline_access\" only; add that to `scopes(...)`";

pub(crate) const NO_AUTO_REFRESH: &str =
    "`refresh_before` decides nothing beside `auto_refresh = false`; take one of the two away";

// Paths.

pub(crate) fn same_path(one: &str, other: &str, path: &str) -> String {
    format!("`{one}` and `{other}` both lie at `{path}`; give each a path of its own")
}

pub(crate) fn on_endpoint(what: &str, path: &str, endpoint: &str) -> String {
    format!(
        "{} cannot be {path:?}: that is where `{endpoint}` lies; write a page of the app",
        subject(what)
    )
}

// Landing.

pub(crate) const LANDING_EMPTY: &str =
    "`landing` has no rules; write `landing(_ => \"/\")`, or leave it out";
pub(crate) const NO_CATCH_ALL: &str = "no rule matches everybody; end with `_ => \"/\"`";
pub(crate) const AFTER_CATCH_ALL: &str =
    "no one gets here: `_` before it matches everybody; put `_` last";

pub(crate) fn unreachable_rule(earlier: &str) -> String {
    format!(
        "no one gets here: whoever matches this has matched `{earlier}` before; remove it or put it first"
    )
}

pub(crate) fn never_requested(scope: &str, requested: &[String]) -> String {
    let near: Vec<&str> = requested.iter().map(String::as_str).collect();
    let hint = match nearest(scope, &near) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => format!("; add \"{scope}\" to `scopes(...)`"),
    };
    format!(
        "no session has the scope `{scope}`: sign-in requests {}{hint}",
        list(&near)
    )
}

pub(crate) fn unknown_role(role: &str, roles: &[String]) -> String {
    let near: Vec<&str> = roles.iter().map(String::as_str).collect();
    let hint = match nearest(role, &near) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => format!("; add \"{role}\" to `roles(...)`"),
    };
    format!(
        "there is no role `{role}`: `roles` lists {}{hint}",
        list(&near)
    )
}

pub(crate) const LANDING_RULE: &str =
    "expected a rule such as `scope(\"admin\") => \"/admin\"` or `_ => \"/\"`";
pub(crate) const LANDING_ARROW: &str = "expected `=>` and the page to land on";
pub(crate) const LANDING_TARGET: &str = "expected the page to land on, such as \"/dashboard\"";

// Path rules.

pub(crate) const PROTECT_EMPTY: &str =
    "`protect` has no rules; write `protect(\"/admin/**\" => scope(\"admin\"))`, or leave it out";
pub(crate) const PUBLIC_PATHS_EMPTY: &str =
    "`public` has no paths; write `public(\"/health\")`, or leave it out";
pub(crate) const PROTECT_RULE: &str =
    "expected a rule such as `\"/admin/**\" => scope(\"admin\")` or `\"/app/**\" => auth`";
pub(crate) const PROTECT_CONDITION: &str =
    "expected `=>` and a condition, such as `scope(\"admin\")`, or `auth` for whoever is signed in";
pub(crate) const PROTECT_EVERYBODY: &str =
    "`_` would be everybody; write `auth` for whoever is signed in, or the path into `public(...)`";
pub(crate) const PUBLIC_PATH: &str = "expected a path in quotes, such as \"/health\"";
pub(crate) const PUBLIC_ALONE: &str = "nothing is protected that these paths could be taken out of; write `protect(\"/**\" => auth)` to protect all others";

pub(crate) fn no_such_rule(word: &syn::Ident) -> String {
    format!(
        "there is no condition `{word}`; write `auth` for whoever is signed in, or a condition such as `scope(\"admin\")`"
    )
}

pub(crate) fn pattern_twice(earlier: &str) -> String {
    format!("this has the same paths as {earlier:?}; keep one")
}

pub(crate) fn pattern_unreachable(earlier: &str) -> String {
    format!(
        "this rule is never asked: each of its paths is one of {earlier:?}, and the first that matches decides; put it first, or remove it"
    )
}

pub(crate) fn patterns_cross(earlier: &str, both: &str) -> String {
    format!(
        "this and {earlier:?} both have {both:?}, and neither lies within the other; write a rule for {both:?} before them, or patterns that have no path in common"
    )
}

pub(crate) fn public_twice(earlier: &str) -> String {
    format!("each of these paths is one of {earlier:?}, which is public already; remove it")
}

pub(crate) fn opens_all_of(rule: &str) -> String {
    format!("`public` wins, so nothing is left of the rule for {rule:?}; remove one of the two")
}

pub(crate) fn pattern_on_endpoint(name: &str, path: &str) -> String {
    format!(
        "`{name}` lies at {path:?}, and the endpoints are for everybody, whatever the rules say; write the paths of the app's own pages"
    )
}

// Conditions.

pub(crate) fn unknown_condition(found: &str, known: &[&str]) -> String {
    match nearest(found, known) {
        Some(near) => format!("there is no condition `{found}`; did you mean `{near}`?"),
        None => format!("there is no condition `{found}`; expected {}", list(known)),
    }
}

pub(crate) fn condition_empty(word: &str, part: &str) -> String {
    let example = match part {
        "condition" => "scope(\"a\"), role(\"b\")",
        _ => "\"a\", \"b\"",
    };
    match word {
        "all" => {
            format!("`all()` of nothing would let everybody in; name the {part}s: `all({example})`")
        }
        "any" => {
            format!("`any()` of nothing would let nobody in; name the {part}s: `any({example})`")
        }
        "not" => "`not()` names nothing; write `not(scope(\"...\"))`".to_owned(),
        "recent" => "`recent()` does not say how recent; write `recent(\"5m\")`".to_owned(),
        _ => format!("`{word}()` names nothing; write `{word}(\"...\")`"),
    }
}

pub(crate) fn condition_shape(word: &str) -> String {
    match word {
        "all" | "any" => format!("write `{word}(...)` around what is asked for"),
        "not" => "write `not(...)` around what must not be".to_owned(),
        "recent" => "write `recent(\"5m\")`".to_owned(),
        _ => format!("write `{word}(\"...\")`"),
    }
}

pub(crate) const CONDITION_TWICE: &str = "this condition stands here twice; keep one";
pub(crate) const NOBODY_PASSES: &str =
    "nobody passes: `all` asks for this and for the opposite; remove one";
pub(crate) const EVERYBODY_PASSES: &str = "whoever is signed in passes: `any` asks for this or for the opposite; remove one, or write `#[require_auth]`";
pub(crate) const NOT_ONE: &str =
    "`not` takes one condition; write `not(any(..., ...))` or `not(all(..., ...))`";
pub(crate) const RECENT_SHAPE: &str =
    "`recent` takes one duration in quotes, a number and a unit; write `recent(\"5m\")`";
pub(crate) const CONDITION_RULE: &str =
    "expected a condition such as `scope(\"a\")`, `not(role(\"b\"))` or `all(..., ...)`";

pub(crate) fn name_rule(word: &str) -> String {
    match word {
        "org" => "expected an org in quotes or `any(\"a\", \"b\")`".to_owned(),
        _ => format!("expected a {word} in quotes, `all(\"a\", \"b\")` or `any(\"a\", \"b\")`"),
    }
}

pub(crate) fn bare_name(name: &str) -> String {
    format!(
        "say what {name:?} is; write `scope({name:?})`, `role({name:?})` or `permission({name:?})`"
    )
}

pub(crate) fn one_name(word: &str) -> String {
    format!("`{word}` takes one name; write `all({word}(\"a\"), {word}(\"b\"))` or `any(...)`")
}

pub(crate) fn name_by_path(part: &str) -> String {
    match part {
        "scope" | "role" => format!(
            "a guard is a type, which no constant can name; write the {part} itself in quotes: one that is not declared does not compile either"
        ),
        "condition" => {
            "a guard is a type, which no constant can name; write the names themselves in quotes"
                .to_owned()
        }
        _ => format!(
            "a guard is a type, which no constant can name; write the {part} itself in quotes"
        ),
    }
}

pub(crate) fn all_or_any(part: &str) -> String {
    match part {
        "org" => "a session is of one organization: write `any(\"a\", \"b\")`".to_owned(),
        "condition" => {
            "more than one condition: write `all(..., ...)` or `any(..., ...)`".to_owned()
        }
        _ => format!("more than one {part}: write `all(\"a\", \"b\")` or `any(\"a\", \"b\")`"),
    }
}

pub(crate) fn spaced_scopes(text: &str) -> String {
    let names: Vec<String> = text.split_whitespace().map(|s| format!("{s:?}")).collect();
    let names = names.join(", ");
    format!("these are several scopes; write `all({names})` or `any({names})`")
}

// Cookies and lifetimes.

pub(crate) const SAME_SITE_STRICT: &str = "with \"strict\" the browser does not send the cookie when the provider sends people back, and sign-in never finishes; write `same_site = \"lax\"`";
pub(crate) const SAME_SITE_NONE: &str = "browsers drop a SameSite=None cookie that is not Secure; add `secure`, or write `same_site = \"lax\"`";

pub(crate) fn same_site(found: &str) -> String {
    let hint = match nearest(&found.to_ascii_lowercase(), &["lax", "none"]) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => String::new(),
    };
    format!("`same_site` is \"lax\" or \"none\", not {found:?}{hint}")
}

pub(crate) fn host_prefix(key: &str) -> String {
    format!(
        "browsers drop a `__Host-` cookie that has a domain or a path other than \"/\" (RFC 6265bis §4.1.3.2); remove `{key}`, or the prefix from `name`"
    )
}

pub(crate) const PREFIX_NOT_SECURE: &str =
    "browsers drop a cookie with this prefix that is not Secure; remove `secure = false`";

pub(crate) fn idle_over_max(idle: &str, max: &str) -> String {
    format!(
        "`idle` of {idle:?} is longer than the session itself ({max}); write a shorter one, or a longer `max_age`"
    )
}

pub(crate) const TRANSACTION_TOO_LONG: &str =
    "a sign-in that takes longer than an hour is not one; write `transaction = \"10m\"`";

// The module.

pub(crate) fn not_a_module(name: &str) -> String {
    let module = match name {
        "routes" => "auth {}",
        _ => "handlers { ... }",
    };
    format!("`#[{name}]` goes on a module; write `#[authsafe::{name}] pub mod {module}`")
}

pub(crate) fn module_without_body(name: &str, module: &str) -> String {
    format!(
        "the module has no body for `#[{name}]` to write into; write `mod {module} {{}}` with braces, and put your own items inside"
    )
}

pub(crate) const ROUTES_TWICE: &str =
    "`#[authsafe::routes]` stands here twice; keep one, with the keys of both";

pub(crate) fn taken(name: &str) -> String {
    format!("`#[authsafe::routes]` writes `{name}` into this module itself; rename yours")
}

// Guards.

pub(crate) fn guard_needs_function(guard: &str) -> String {
    format!("`#[{guard}]` guards an async function: a handler or a method")
}

pub(crate) fn guard_needs_body(guard: &str) -> String {
    format!("`#[{guard}]` guards a function with a body; put it on the implementation")
}

pub(crate) fn guard_needs_async(guard: &str, name: &str) -> String {
    format!("`#[{guard}]` guards handlers, which are async; write `async fn {name}`")
}

pub(crate) fn guard_empty(guard: &str) -> String {
    let (lacks, example) = match guard {
        "require" | "policy" => (
            "names no condition",
            r#"all(scope("admin"), not(role("guest")))"#,
        ),
        "require_role" => ("names no role", r#""editor""#),
        "require_permission" => ("names no permission", r#""orders:write""#),
        "require_org" => ("names no org", r#""org_2f9c""#),
        "require_recent" => ("does not say how recent", r#"max_age = "5m""#),
        _ => ("names no scope", r#""admin""#),
    };
    format!("`#[{guard}]` {lacks}; write `#[{guard}({example})]`")
}

pub(crate) const POLICY_ALONE: &str = "a policy is named alone: `#[require(policy = path::to::policy)]`; for a condition besides, write a second attribute";

pub(crate) const POLICY_NEEDS_ITEM: &str =
    "`#[policy]` goes on an async function, or on a struct that a condition gets its name from";
pub(crate) const POLICY_METHOD: &str =
    "a policy is a function of its own, not a method; move it out of the `impl` block";
pub(crate) const POLICY_GENERIC: &str =
    "a policy is one type; write it without parameters of types and constants";

pub(crate) fn policy_needs_async(name: &str) -> String {
    format!("a policy may have to ask a database; write `async fn {name}`")
}

pub(crate) fn policy_arguments(name: &str) -> String {
    format!(
        "a policy is asked of a session and a request; write `async fn {name}(session: &authsafe::Session, request: &http::request::Parts) -> authsafe::Decision`"
    )
}

pub(crate) const POLICY_DECIDES_NOTHING: &str =
    "a policy returns what it decides; write `-> authsafe::Decision` or `-> bool`";

pub(crate) const AUTH_ARGS: &str = "`#[require_auth]` lets in whoever is signed in, and names nothing; write `#[require_scope(\"...\")]` or `#[require_role(\"...\")]` to ask for more";

/// A module or an `impl` block without a handler.
pub(crate) fn nothing_to_guard(guard: &str) -> String {
    format!("`#[{guard}]` finds no handler here: they are `async fn`")
}

pub(crate) fn guarded_elsewhere(guard: &str, module: &str) -> String {
    format!(
        "`#[{guard}]` cannot see into another file; write `mod {module} {{ ... }}` with its body here"
    )
}

/// What neither a guard on a module nor `#[protected]` sees; `attribute` is the one that looks.
pub(crate) fn unseen_future(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` sees handlers in `async fn` alone, and `{name}` returns a future; write `async fn {name}`, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unseen_value(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` sees handlers in `async fn` alone, and `{name}` holds a function; write an `async fn`, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unseen_in_trait(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` cannot guard `{name}` of a trait; write an `async fn` outside of the trait, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unseen_macro(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` cannot see what `{name}!` writes; write the handlers out, or call it outside of this module, or write `#[public]` above it if everybody may call what it writes"
    )
}

pub(crate) fn unseen_import(attribute: &str, name: &str) -> String {
    format!(
        "`#[{attribute}]` cannot see `{name}`, which stands elsewhere; guard it there and write this `pub use` outside of the module, or `#[public]` above it if everybody may call it"
    )
}

pub(crate) fn unread(attribute: &str) -> String {
    format!("`#[{attribute}]` cannot read this item; write it outside of the module")
}

pub(crate) fn guard_and_public(guard: &str) -> String {
    format!("`#[{guard}]` lets some in and `#[public]` everybody; keep one")
}

pub(crate) fn below_the_document(guard: &str) -> String {
    format!(
        "attributes are read from the top down, and `#[utoipa::path]` would not know of this guard; write `#[{guard}]` above it"
    )
}

pub(crate) const PUBLIC_ARGS: &str = "`#[public]` takes nothing: everybody may pass";
pub(crate) const PUBLIC_NEEDS_FUNCTION: &str = "`#[public]` goes on a function";

// Signed-out visitors.

pub(crate) fn unauthenticated(found: &str) -> String {
    let words = ["auto", "redirect", "json"];
    let hint = match nearest(&found.to_ascii_lowercase(), &words) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => String::new(),
    };
    format!(
        "`unauthenticated` is \"auto\", \"redirect\", \"json\" or a function, not {found:?}{hint}"
    )
}

pub(crate) const UNAUTHENTICATED_BY_FUNCTION: &str = "a guard is a type, which no function can be part of; write \"auto\", \"redirect\" or \"json\" here, or name the function in `#[authsafe::routes(...)]`, where it is for all guards";

// Protected modules.

pub(crate) fn unguarded(name: &str) -> String {
    format!(
        "nothing guards `{name}`; write `#[require_scope(\"...\")]` above it, or `#[public]` if everybody may call it"
    )
}

pub(crate) const PROTECTED_ARGS: &str =
    "`#[protected]` takes nothing; the guards on the handlers say who may pass";

pub(crate) fn protected_elsewhere(module: &str) -> String {
    format!(
        "`#[protected]` cannot see into another file; write `mod {module} {{ ... }}` with its body here"
    )
}

// Shared state.

pub(crate) const RATE_WITHOUT_SESSION: &str = "there is no session endpoint to limit; write `paths(session = \"session\")` beside it, or leave this out";

pub(crate) const NOTHING_SHARED: &str = "without `redis` nothing is shared; write `shared_state(redis = env(\"REDIS_URL\"))`, or leave it out";

pub(crate) const NO_REDIS_TO_KEEP_IN: &str =
    "there is no Redis to keep sessions in; add `shared_state(redis = env(\"REDIS_URL\"))`";
pub(crate) const STORE_NONE: &str =
    "sessions lie in cookies when there is no `store`; leave it out";
pub(crate) const STORE_FROM_ENV: &str = "where sessions are kept is not read from a variable; write `store = \"redis\"`, or `store = path::to::function` to open one that decides by itself";

pub(crate) fn store(found: &str) -> String {
    let hint = match nearest(&found.to_ascii_lowercase(), &["redis"]) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => "; leave it out to keep sessions in cookies".to_owned(),
    };
    format!(
        "`store` is \"redis\", or a path to an `async fn() -> Result<impl authsafe::SessionStore, impl Display>`, not {found:?}{hint}"
    )
}

// Features.

/// An attribute without any framework to serve.
pub(crate) fn framework_missing(attribute: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "`#[{attribute}]` needs the feature of a framework (`axum`, `actix` or `tower`), and this build is without one; write in Cargo.toml: authsafe = {{ version = \"{version}\", features = [\"axum\"] }}"
    )
}

pub(crate) fn feature_missing(what: &str, feature: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "`{what}` needs the feature `{feature}`, which this build is without; write in Cargo.toml: authsafe = {{ version = \"{version}\", features = [\"{feature}\"] }}"
    )
}

// Helpers.

/// The known spelling that was meant, where one is near enough.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    spelling::nearest(known, found).map(|at| known[at])
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
