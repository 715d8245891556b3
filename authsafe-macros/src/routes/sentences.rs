//! What `#[authsafe::routes(...)]` says is wrong, and what to write instead.

use core::fmt;

use proc_macro2::Ident;
use syn::LitStr;

use crate::error::{list, nearest};
use crate::key::Key;

/// A secret in source code. The key's usage begins with how it is read from a variable.
pub(crate) fn secret_literal(key: &Key) -> String {
    let usage = key.usage().split('`').next().unwrap_or_default();
    format!(
        "a secret does not belong in source code, where everybody who reads it has it; write `{usage}`"
    )
}

/// A secret in source code that is the default of a variable.
pub(super) fn secret_default(key: &Key) -> String {
    let instead = match key.name().as_str() {
        "client_secret" => {
            "leave it out, or write `default = none` for a client without one".to_owned()
        }
        _ => format!("write `{}`", key.line()),
    };
    format!("a secret does not belong in source code, not as a default either; {instead}")
}

pub(super) const SIGNED_OUT_TWICE: &str =
    "`after_logout` says this page already; keep one of the two";

pub(super) fn page_is_protected(page: &str, pattern: &str) -> String {
    format!(
        "whoever is not signed in is sent to `pages({page})`, and `protect({pattern:?} => ...)` sends them away from it; name it in `public(...)`, or write another page"
    )
}

pub(super) const ORIGINS_EMPTY: &str = "`allow` names no origin; write `cross_origin = allow(\"https://admin.example.com\")`, or leave the key out: the app's own pages need no leave";
pub(super) const OWN_ORIGIN: &str =
    "this is `app_url`, whose pages need no leave; name the other origins alone";
pub(super) const ORIGIN_NONE: &str =
    "an origin cannot be none; leave it out: what is not named is refused";

pub(super) const NO_COOKIE_SECRET: &str = "without a secret, cookies cannot be sealed; write `cookie_secret = env(\"AUTHSAFE_COOKIE_SECRET\")`";
pub(super) const NO_AUDIENCE: &str = "without `audience` a token for any other app would open this one; write `bearer(audience = \"https://api.example.com\")`";

pub(super) fn no_openid(written: &[LitStr]) -> String {
    let rest: String = written
        .iter()
        .map(|scope| format!(", {:?}", scope.value()))
        .collect();
    format!(
        "`openid` is missing, without which there is no ID token and nobody is signed in; write `scopes(\"openid\"{rest})`"
    )
}

pub(super) const NO_OFFLINE_ACCESS: &str = "`auto_refresh` needs a refresh token, which providers give for the scope \"offline_access\" only; add that to `scopes(...)`";
pub(super) const NO_AUTO_REFRESH: &str =
    "`refresh_before` decides nothing beside `auto_refresh = false`; take one of the two away";

pub(super) const GRACE_WITHOUT_REFRESH: &str =
    "`grace` decides nothing beside `auto_refresh = false`; take one of the two away";

pub(super) fn same_path(one: &str, other: &str, path: &str) -> String {
    format!("`{one}` and `{other}` both lie at `{path}`; give each a path of its own")
}

pub(super) const LANDING_EMPTY: &str =
    "`landing` has no rules; write `landing(_ => \"/\")`, or leave it out";
pub(super) const NO_CATCH_ALL: &str = "no rule matches everybody; end with `_ => \"/\"`";
pub(super) const AFTER_CATCH_ALL: &str =
    "no one gets here: `_` before it matches everybody; put `_` last";

pub(super) fn unreachable_rule(earlier: &str) -> String {
    format!(
        "no one gets here: whoever matches this has matched `{earlier}` before; remove it or put it first"
    )
}

pub(super) const USED_UP: &str = "no one gets here: whoever matches this has matched one of the rules before it; remove it or put it first";

/// Asks for the known word that may have been meant, if any is near.
fn meant(found: &str, known: &[&str]) -> Option<String> {
    nearest(found, known).map(|near| format!("; did you mean \"{near}\"?"))
}

pub(super) fn never_requested(scope: &str, requested: &[String]) -> String {
    let near: Vec<&str> = requested.iter().map(String::as_str).collect();
    let hint = meant(scope, &near).unwrap_or_else(|| format!("; add \"{scope}\" to `scopes(...)`"));
    format!(
        "no session has the scope `{scope}`: sign-in requests {}{hint}",
        list(&near)
    )
}

pub(super) fn unknown_role(role: &str, roles: &[String]) -> String {
    let near: Vec<&str> = roles.iter().map(String::as_str).collect();
    let hint = meant(role, &near).unwrap_or_else(|| format!("; add \"{role}\" to `roles(...)`"));
    format!(
        "there is no role `{role}`: `roles` lists {}{hint}",
        list(&near)
    )
}

/// Another arrow, with the rule as it is written.
pub(super) fn landing_arrow(rule: &str) -> String {
    format!("expected `=>` and the page to land on; write `{rule}`")
}

/// A rule without a page, or with a word for one.
pub(super) fn landing_target(when: &str, page: &str) -> String {
    let plain = page.trim_matches('/');
    let is_path = |c: char| c.is_alphanumeric() || "/_-".contains(c);
    let plain = match plain.chars().all(is_path) && !page.is_empty() {
        true => plain,
        false => "dashboard",
    };
    format!("expected `=>` and the page to land on, in quotes; write `{when} => \"/{plain}\"`")
}

pub(super) const PROTECT_EMPTY: &str =
    "`protect` has no rules; write `protect(\"/admin/**\" => role(\"admin\"))`, or leave it out";
pub(super) const PUBLIC_PATHS_EMPTY: &str =
    "`public` has no paths; write `public(\"/health\")`, or leave it out";
pub(super) const PROTECT_RULE: &str =
    "expected a rule such as `\"/admin/**\" => role(\"admin\")` or `\"/app/**\" => auth`";

/// A path without a condition.
pub(super) fn protect_condition(path: &str) -> String {
    format!(
        "expected `=>` and a condition behind the path; write `{path:?} => auth` for whoever is signed in, or a condition in the place of `auth`"
    )
}

/// A rule with a pattern that is none, or that is turned round.
pub(super) fn protect_rule(rule: &str) -> String {
    format!("a rule is a path in quotes, and who gets there; write `{rule}`")
}

/// Another arrow, with the rule as it is written.
pub(super) fn protect_arrow(rule: &str) -> String {
    format!("expected `=>` and a condition; write `{rule}`")
}

pub(super) fn protect_everybody(path: &str) -> String {
    format!(
        "`_` would be everybody; write `auth` for whoever is signed in, or the path into `public({path:?})`"
    )
}

/// A word of others for a path that is open.
pub(super) fn open_to_all(word: &Ident, path: &str) -> String {
    format!(
        "there is no condition `{word}`: what is open to all has no rule; leave this one out, or write `public({path:?})` beside `protect` where another rule has that path"
    )
}

/// A path that is not in quotes, or has something behind it.
pub(super) fn public_path(path: &str) -> String {
    format!("`public` has paths in quotes, and nothing besides; write {path:?}")
}

pub(super) const PUBLIC_PATH: &str = "expected a path in quotes, such as \"/health\"";
pub(super) const PUBLIC_ALONE: &str = "nothing is protected that these paths could be taken out of; write `protect(\"/**\" => auth)` to protect all others";

pub(super) fn pattern_on_endpoint(name: &str, path: &str) -> String {
    format!(
        "`{name}` lies at {path:?}, and the endpoints are for everybody, whatever the rules say; write the paths of the app's own pages"
    )
}

const SAME_SITE_STRICT: &str = "with \"strict\" the browser does not send the cookie when the provider sends people back, and sign-in never finishes; write `same_site = \"lax\"`";

pub(super) fn same_site(found: &str) -> String {
    if found == "strict" {
        return SAME_SITE_STRICT.to_owned();
    }
    let hint = meant(&found.to_ascii_lowercase(), &["lax", "none"]).unwrap_or_default();
    format!("`same_site` is \"lax\" or \"none\", not {found:?}{hint}")
}

pub(super) const CLIENT_AUTH_WITHOUT_SECRET: &str = "`client_auth` says how the client secret goes to the provider, and `client_secret = none` says that there is none; remove one of the two";

pub(super) fn client_auth(found: &str) -> String {
    let lower = found.to_ascii_lowercase();
    // As providers call them.
    let plain = lower.trim_start_matches("client_secret_");
    let hint = match plain {
        "none" => "; a client without a secret is `client_secret = none`".to_owned(),
        plain => meant(plain, &["auto", "basic", "post"]).unwrap_or_default(),
    };
    format!("`client_auth` is \"auto\", \"basic\" or \"post\", not {found:?}{hint}")
}

pub(super) fn userinfo(found: &str) -> String {
    let known = ["auto", "always", "never"];
    let hint = meant(&found.to_ascii_lowercase(), &known).unwrap_or_default();
    format!("`userinfo` is \"auto\", \"always\" or \"never\", not {found:?}{hint}")
}

pub(super) fn response_mode(found: &str) -> String {
    let found_lower = found.to_ascii_lowercase();
    let known = ["query", "form_post"];
    let begins = known
        .iter()
        .any(|it| it.starts_with(&found_lower) && !found_lower.is_empty());
    let hint = match meant(&found_lower, &known) {
        Some(hint) => hint,
        None if begins => "; did you mean \"form_post\"?".to_owned(),
        None => ": with another one the answer does not reach the app's server".to_owned(),
    };
    format!("`response_mode` is \"query\" or \"form_post\", not {found:?}{hint}")
}

pub(super) fn logout(found: &str) -> String {
    let hint = meant(&found.to_ascii_lowercase(), &["provider", "local"]).unwrap_or_default();
    format!(
        "`logout` is \"provider\", which signs out there too, or \"local\", not {found:?}{hint}"
    )
}

pub(super) const RETURNS_BY_THE_STANDARD: &str =
    "the standard has that one, and so has `logout = \"provider\"`; write that, or leave it out";

pub(super) fn network_within(other: &str) -> String {
    format!("each of these addresses is one of {other:?}; remove it")
}

pub(super) fn one_endpoint(one: &str, other: &str) -> String {
    format!("`{one}` cannot be where `{other}` is; write the URL of each")
}

pub(super) fn unknown_provider(found: &str, near: Option<&str>, known: &[&str]) -> String {
    let hint = match near {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
            format!("the names are {}; any other needs none", known.join(", "))
        }
    };
    format!("no provider is known by the name {found:?}; {hint}")
}

pub(super) fn all_tenants(word: &str) -> String {
    format!(
        "{word:?} is no tenant's id; write `tenants = any` where users of all tenants may sign in"
    )
}

pub(super) const PROVIDER_NAME_FIRST: &str =
    "the name stands first, and there is one; write `provider(\"keycloak\", timeout = \"10s\")`";

pub(super) fn refused_scope(title: &str, scope: &str, instead: &str) -> String {
    format!("{title} refuses the scope {scope:?}; {instead}: remove it")
}

pub(super) const REFRESH_FOR_ALL: &str = "its refresh tokens come without";

pub(super) fn refresh_for(name: &str, parameter: &str) -> String {
    format!("its refresh tokens are for `{parameter}`, which `provider = {name:?}` asks with")
}

pub(super) fn unknown_scope(title: &str, scope: &str, taken: &[&str]) -> String {
    let hint = meant(scope, taken).unwrap_or_else(|| "; remove it".to_owned());
    format!(
        "{title} has the scopes {} alone, and refuses {scope:?}{hint}",
        list(taken)
    )
}

pub(super) fn told_by_scope(title: &str, claim: &str, scope: &str) -> String {
    format!(
        "{title} tells {claim} for the scope {scope:?} alone, which is missing here; add it, or write `claims({claim} = \"path.to.{claim}\")` if yours are elsewhere"
    )
}

pub(super) fn answers_by_form(title: &str, scope: &str) -> String {
    format!(
        "{title} answers a request for {scope:?} by a form alone, and refuses all else; remove `response_mode`, or that scope"
    )
}

pub(super) fn no_end_session(title: &str) -> String {
    format!(
        "{title} has no end-session endpoint that a logout could go to; remove `logout`, or name one in `endpoints(end_session = \"...\")`"
    )
}

pub(super) fn logs_out_by(title: &str, name: &str, parameter: &str) -> String {
    format!(
        "{title} refuses a logout without `{parameter}`, which `provider = {name:?}` sends; remove `logout`, or write `logout = \"local\"`"
    )
}

pub(super) fn no_userinfo(title: &str) -> String {
    format!(
        "{title} has no UserInfo endpoint to ask; remove `userinfo`, or name one in `endpoints(userinfo = \"...\")`"
    )
}

pub(super) fn no_tenants(title: &str) -> String {
    format!(
        "`tenants` is for a provider with an issuer for each tenant, and {title} has one issuer; remove it"
    )
}

pub(super) fn whose_endpoints(name: &str, authsafe: bool) -> String {
    match authsafe {
        true => format!(
            "`authsafe` says that the provider is AuthSafe, and `provider = {name:?}` that it is not; remove one of the two"
        ),
        false => format!(
            "`authsafe = false` says that the provider is not AuthSafe, and `provider = {name:?}` that it is; remove one of the two"
        ),
    }
}

pub(super) fn named_and_forwarded(name: &str, parameter: &str) -> String {
    format!(
        "`provider = {name:?}` fixes `{parameter}`, and what a visitor asks for does not change that; remove it"
    )
}

pub(super) const TIMEOUT_TOO_LONG: &str = "the app's other machines do not wait that long for a refresh; write thirty seconds at the most, such as `timeout = \"10s\"`";
pub(super) const LEEWAY_TOO_LONG: &str = "clocks that differ by more than ten minutes are wrong, and so long a token would be good after its end; write `leeway = \"2m\"`, and set the clock";
pub(super) const PARAMETERS_EMPTY: &str = "`authorize` is empty; write `authorize(audience = \"https://api.example.com\")`, or leave it out";
pub(super) const PARAMETER_SHAPE: &str = "expected a parameter and its value, such as `audience = \"https://api.example.com\"` or `audience = env(\"API_AUDIENCE\")`";

pub(super) fn forwarded_anyway(name: &str) -> String {
    format!("`{name}` passes without; remove it")
}

pub(super) fn fixed_and_forwarded(name: &str) -> String {
    format!(
        "`authorize(...)` fixes `{name}`, and what a visitor asks for does not change that; write it in one of the two"
    )
}

pub(super) fn idle_over_max(idle: &str, max: &str) -> String {
    format!(
        "`idle` of {idle:?} is longer than the session itself ({max}); write a shorter one, or a longer `max_age`"
    )
}

pub(super) const TRANSACTION_TOO_LONG: &str =
    "a sign-in that takes longer than an hour is not one; write `transaction = \"10m\"`";

pub(super) const KEEP_POST_TOO_LARGE: &str =
    "a form that is kept has 32 KB at the most; write `keep_post = \"32KB\"`";

pub(super) const KEEP_POST_IN_COOKIE: &str = "a form of more than 2 KB does not fit into a cookie; write `keep_post = \"2KB\"`, or beside it `shared_state(redis = env(\"REDIS_URL\"))` or `session(store = path::to::function)`, which keep longer ones";

pub(super) fn module_without_body(name: &str, module: &str) -> String {
    format!(
        "the module has no body for `#[{name}]` to write into; write `mod {module} {{}}` with braces, and put your own items inside"
    )
}

pub(super) const ROUTES_TWICE: &str =
    "`#[authsafe::routes]` stands here twice; keep one, with the keys of both";

pub(super) fn taken(name: &str) -> String {
    format!("`#[authsafe::routes]` writes `{name}` into this module itself; rename yours")
}

pub(super) const RATE_WITHOUT_SESSION: &str = "there is no session endpoint to limit; write `paths(session = \"session\")` beside it, or leave this out";
pub(super) const NOTHING_SHARED: &str = "without `redis` nothing is shared; write `shared_state(redis = env(\"REDIS_URL\"))`, or leave it out";
pub(super) const KEEPS_TOKENS: &str = "this `keep` lists claims; which tokens sessions keep is said in `session(keep(id_token = false, access_token = false))`";
pub(super) const NO_REDIS_TO_KEEP_IN: &str =
    "there is no Redis to keep sessions in; add `shared_state(redis = env(\"REDIS_URL\"))`";
pub(super) const STORE_NONE: &str =
    "sessions lie in cookies when there is no `store`; leave it out";
pub(super) const STORE_FROM_ENV: &str = "where sessions are kept is not read from a variable; write `store = path::to::function` to open one that decides by itself, or \"redis\" beside `shared_state(...)`";

pub(super) fn store(found: &str) -> String {
    let hint = meant(&found.to_ascii_lowercase(), &["redis"])
        .unwrap_or_else(|| "; leave it out to keep sessions in cookies".to_owned());
    format!(
        "`store` is \"redis\", or a path to an `async fn() -> Result<impl authsafe::store::SessionStore, impl Display>`, not {found:?}{hint}"
    )
}

/// A variable that is read for two settings that cannot be the same.
pub(super) struct OneVariable<'a> {
    pub(super) variable: &'a str,
    pub(super) setting: &'a str,
    pub(super) other: &'a str,
    /// The other one is read from it where nothing is written.
    pub(super) by_default: bool,
    pub(super) of_secret: bool,
    /// A variable that is free.
    pub(super) own: Option<String>,
}

impl fmt::Display for OneVariable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            variable,
            setting,
            other,
            ..
        } = self;
        let by_default = if self.by_default { " by default" } else { "" };
        let because = match self.of_secret {
            true => "a secret is for one thing alone",
            false => "one text cannot be both",
        };
        write!(
            f,
            "`{setting}` cannot be read from `{variable}`, which `{other}` is read from{by_default}: {because}; \
             write a variable of its own"
        )?;
        match &self.own {
            Some(own) => write!(f, ", such as `env({own:?})`"),
            None => Ok(()),
        }
    }
}

// Why a key decides nothing.
pub(super) const IDLE_USERINFO: &str =
    "beside `userinfo = \"never\"`: that endpoint is never asked; remove one of the two";
pub(super) const IDLE_END_SESSION: &str =
    "beside `logout = \"local\"`: no browser is sent to the provider; remove one of the two";
pub(super) const IDLE_SIGNED_OUT: &str =
    "beside `logout = \"local\"`: no browser comes back from the provider; remove one of the two";
pub(super) const IDLE_SIGNED_OUT_BY_NAME: &str = "at a provider without a logout of its own: no browser comes back from there; remove it, or name the one that there is in `endpoints(end_session = \"...\")`";
pub(super) const IDLE_WITHOUT_BEARER: &str = "without `bearer`: the provider is asked of access tokens that requests carry, and none are taken; write `bearer(audience = \"https://api.example.com\")` beside it, or leave it out";
pub(super) const IDLE_WITHOUT_SECRET: &str = "beside `client_secret = none`: the provider tells of opaque tokens only who shows a secret (RFC 7662 §2.1); remove one of the two";
pub(super) const IDLE_WITHOUT_REDIS: &str =
    "beside `redis = none`: nothing is shared; write `redis = env(\"REDIS_URL\")`, or leave it out";
pub(super) const IDLE_WITHOUT_DOCUMENT: &str = "beside `endpoints(authorization = ..., token = ..., jwks = ...)`: with all three by hand no document is read that has an issuer for each tenant, so it would keep nobody out; remove one of the two";

pub(super) fn decides_nothing(key: &str, why: &str) -> String {
    format!("`{key}` decides nothing {why}")
}

pub(super) fn idle_is_max(idle: &str) -> String {
    format!(
        "`idle` decides nothing where it is `max_age` ({idle:?}): the session ends then in any case; write a shorter one, or leave it out"
    )
}
