//! What comes out: the module as written, a constant, thin functions. Nothing here can fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Item, ItemMod, LitStr, Path};

use crate::krate;
use crate::named::{self, Named};
use crate::routes::module::names;
use crate::routes::spec::{
    AskUserInfo, Bearer, ClientAuth, Cookies, CrossOrigin, Endpoints, Keep, Landing, Logout,
    Protect, Provider, ResponseMode, SameSite, Secret, Session, Setting, SharedState, Spec, Store,
    Tenants,
};
use crate::unauthenticated::Unauthenticated;
use authsafe_rules::default;

pub(crate) fn expand(mut module: ItemMod, spec: &Spec) -> TokenStream {
    let fields = fields(spec);
    fill(&mut module, spec, &quote!(#(#fields,)*));
    quote!(#module)
}

/// Writes the constant, the functions, the scopes and the paths into the module, but for names that it has.
pub(crate) fn fill(module: &mut ItemMod, spec: &Spec, fields: &TokenStream) {
    let runtime = &spec.runtime;
    let generated = [
        ("SPEC", constant(runtime, fields)),
        ("Routes", as_type(runtime)),
        ("from_env", from_env(runtime)),
        ("from_vars", from_vars(runtime)),
        (
            "from_env_or_unconfigured",
            from_env_or_unconfigured(runtime),
        ),
        ("sign_in_url", sign_in_url(runtime)),
        ("scopes", scopes_module(&constants(spec.scopes.clone()))),
        ("paths", paths_module(spec)),
    ];
    let taken: Vec<String> = names(module).into_iter().map(Ident::to_string).collect();
    if let Some((_, items)) = &mut module.content {
        let free = generated
            .into_iter()
            .filter(|(name, _)| !taken.iter().any(|taken| taken == name));
        items.extend(free.map(|(_, item)| Item::Verbatim(item)));
    }
}

fn constant(runtime: &Path, fields: &TokenStream) -> TokenStream {
    quote! {
        /// What `#[authsafe::routes]` said.
        #[allow(clippy::needless_update)]
        pub const SPEC: &#runtime::Spec = &#runtime::spec(#runtime::SpecParts {
            routes: <Routes as #runtime::Routes>::ID,
            #fields
            ..#runtime::SpecParts::DEFAULT
        });
    }
}

fn as_type(runtime: &Path) -> TokenStream {
    quote! {
        /// This sign-in as a type: `Of<Session, Routes>` is a session of it.
        pub enum Routes {}
        impl #runtime::Routes for Routes {
            const SITE: #runtime::Site = #runtime::Site::of::<Routes>(
                ::core::module_path!(),
                ::core::line!(),
                ::core::column!(),
            );
        }
    }
}

fn from_env(runtime: &Path) -> TokenStream {
    quote! {
        /// Reads the settings from the environment, asks the provider, and starts sign-in.
        ///
        /// # Errors
        ///
        /// Every setting that is missing or wrong, at once, by name.
        pub async fn from_env() -> ::core::result::Result<#runtime::Auth, #runtime::StartError> {
            #runtime::from_env(SPEC).await
        }
    }
}

fn from_vars(runtime: &Path) -> TokenStream {
    quote! {
        /// [`from_env`] with variables from elsewhere, for tests.
        ///
        /// # Errors
        ///
        /// As [`from_env`].
        pub async fn from_vars(
            lookup: impl ::core::ops::Fn(&str) -> ::core::option::Option<::std::string::String>
            + ::core::marker::Send
            + ::core::marker::Sync,
        ) -> ::core::result::Result<#runtime::Auth, #runtime::StartError> {
            #runtime::from_vars(SPEC, lookup).await
        }
    }
}

fn from_env_or_unconfigured(runtime: &Path) -> TokenStream {
    quote! {
        /// [`from_env`] for an app that must start all the same: what is wrong is logged, the
        /// endpoints answer 503 and the guards let nobody in.
        pub async fn from_env_or_unconfigured() -> #runtime::Auth {
            #runtime::from_env_or_unconfigured(SPEC).await
        }
    }
}

fn scopes_module(constants: &TokenStream) -> TokenStream {
    quote! {
        /// The scopes that sign-in requests.
        pub mod scopes {
            #constants
        }
    }
}

/// Writes one constant for each endpoint, documented with what it does.
fn paths_module(spec: &Spec) -> TokenStream {
    let constants = spec.endpoint_paths().map(|(name, path)| {
        let ident = Ident::new(&name.to_ascii_uppercase(), Span::call_site());
        let doc = match name {
            "signin" => {
                "GET: starts a sign-in. For links; `sign_in_url` has a path to come back to."
            }
            "callback" => "The redirect URI's path.",
            "logout" => "POST: ends the session. For forms.",
            "refresh" => "POST: gives the session new tokens. For scripts.",
            "session" => "GET: who is signed in. For scripts.",
            "signed_out" => "GET: where the provider sends browsers after a logout.",
            _ => "POST, by the provider: ends the sessions that ended there.",
        };
        let doc = format!(" `{path}`. {doc}");
        quote! {
            #[doc = #doc]
            pub const #ident: &str = #path;
        }
    });
    quote! {
        /// The paths of the endpoints, for links, forms and templates.
        pub mod paths {
            #(#constants)*
        }
    }
}

fn sign_in_url(runtime: &Path) -> TokenStream {
    quote! {
        /// Returns where a sign-in starts that comes back to `return_to`, a path of this app, for links: it
        /// is in the query as `returnTo`, percent-encoded. What is no local path is left out.
        #[must_use]
        pub fn sign_in_url(return_to: &str) -> ::std::string::String {
            #runtime::sign_in_url(SPEC, return_to)
        }
    }
}

/// Writes one constant for each scope, documented with the scope itself.
fn constants(scopes: Option<Vec<LitStr>>) -> TokenStream {
    let scopes = scopes.unwrap_or_else(|| {
        let text = |scope: &&str| LitStr::new(scope, Span::call_site());
        default::SCOPES.iter().map(text).collect()
    });
    let mut taken: Vec<String> = Vec::new();
    let mut constants = TokenStream::new();
    for scope in scopes {
        let text = scope.value();
        let name = free(constant_name(&text), &taken);
        let ident = Ident::new(&name, krate::at(scope.span()));
        let doc = format!(" `{text}`");
        constants.extend(quote! {
            #[doc = #doc]
            pub const #ident: &str = #scope;
        });
        taken.push(name);
    }
    constants
}

/// Returns the name of a scope's constant: `READ_DOCUMENTS` for `read:documents`.
fn constant_name(scope: &str) -> String {
    let mut name = String::new();
    for c in scope.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_uppercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("SCOPE_{name}").trim_end_matches('_').to_owned()
    } else {
        name.to_owned()
    }
}

fn free(name: String, taken: &[String]) -> String {
    if !taken.contains(&name) {
        return name;
    }
    (2..)
        .map(|n| format!("{name}_{n}"))
        .find(|name| !taken.contains(name))
        .unwrap_or(name)
}

/// Writes the fields that the attribute names, each as `name: value`.
fn fields(spec: &Spec) -> Vec<TokenStream> {
    let runtime = &spec.runtime;
    let setting = |setting: &Option<Setting>| setting_of(setting.as_ref(), runtime);
    let secret = |it: &Option<Secret>| secret(it.as_ref(), runtime);
    let hook = |named: &Named, path: &Option<Path>| {
        let path = path.as_ref()?;
        Some(some(&named.value(path, runtime)))
    };
    let text = |text: &Option<LitStr>| text.as_ref().map(|text| quote!(#text));
    let list = |texts: &Option<Vec<LitStr>>| texts.as_deref().map(strings);
    let rules = |rules: &[Landing]| landing(rules, runtime);
    let tokens = |it: &Bearer| bearer(it, runtime);
    let how = |it: &Unauthenticated| it.value(runtime);
    let mode = |it: ResponseMode| match it {
        ResponseMode::Query => quote!(#runtime::ResponseMode::Query),
        ResponseMode::FormPost => quote!(#runtime::ResponseMode::FormPost),
    };
    let whose = |it: &Tenants| tenants(it, runtime);
    let others = |it: &CrossOrigin| cross_origin(it, runtime);
    let go = |it: &Logout| logout(it, runtime);
    let fields = [
        ("domain", setting(&spec.domain)),
        ("client_id", setting(&spec.client_id)),
        ("client_secret", secret(&spec.client_secret)),
        (
            "client_auth",
            spec.client_auth.map(|it| client_auth(it, runtime)),
        ),
        ("cookie_secret", secret(&spec.cookie_secret)),
        ("app_url", setting(&spec.app_url)),
        ("ca_file", setting(&spec.ca_file).as_ref().map(some)),
        ("base_path", text(&spec.base_path)),
        ("paths", paths(&spec.paths, runtime)),
        ("scopes", list(&spec.scopes)),
        ("roles", list(&spec.roles)),
        ("tenants", spec.tenants.as_ref().map(whose)),
        ("provider", provider(&spec.provider, runtime)),
        ("authorize", parameters(&spec.authorize, runtime)),
        ("response_mode", spec.response_mode.map(mode)),
        ("forward", list(&spec.forward)),
        ("landing", spec.landing.as_deref().map(rules)),
        ("after_logout", text(&spec.after_logout)),
        ("keep_post", spec.keep_post.map(|it| some(&quote!(#it)))),
        ("pages", pages(&spec.pages, runtime)),
        ("logout", spec.logout.as_ref().map(go)),
        (
            "revoke_at_logout",
            spec.revoke_at_logout.map(|flag| quote!(#flag)),
        ),
        ("clear_site_data", list(&spec.clear_site_data)),
        ("endpoints", endpoints(&spec.endpoints, runtime)),
        ("algorithms", list(&spec.algorithms)),
        ("userinfo", spec.userinfo.map(|it| userinfo(it, runtime))),
        ("claims", claims(&spec.claims, runtime)),
        ("session", session(&spec.session, runtime)),
        (
            "bearer",
            spec.bearer.as_ref().and_then(tokens).as_ref().map(some),
        ),
        ("cross_origin", spec.cross_origin.as_ref().map(others)),
        ("cookies", cookies(&spec.cookies, runtime)),
        ("rate_limit", rates(&spec.rate_limit, runtime)),
        ("trusted_proxies", list(&spec.trusted_proxies)),
        ("shared_state", shared_state(&spec.shared_state, runtime)),
        ("protect", protect(&spec.protect, runtime)),
        ("public", written(&spec.public).map(strings)),
        ("unauthenticated", spec.unauthenticated.as_ref().map(how)),
        ("on_event", hook(&named::ON_EVENT, &spec.on_event)),
        ("on_error", hook(&named::ON_ERROR, &spec.on_error)),
    ];
    let fields = fields.into_iter();
    fields
        .filter_map(|(name, value)| Some(entry(name, &value?)))
        .collect()
}

fn setting_of(setting: Option<&Setting>, runtime: &Path) -> Option<TokenStream> {
    Some(match setting? {
        Setting::Literal(text) => quote!(#runtime::Setting::Literal(#text)),
        Setting::Env { name, default } => {
            let default = match default {
                Some(text) => some(&quote!(#text)),
                None => quote!(::core::option::Option::None),
            };
            quote!(#runtime::Setting::Env { name: #name, default: #default })
        }
        Setting::Value(path) => {
            let path = named::SETTING.value(path, runtime);
            quote!(#runtime::Setting::Value(#path))
        }
    })
}

fn secret(secret: Option<&Secret>, runtime: &Path) -> Option<TokenStream> {
    Some(match secret? {
        Secret::None => quote!(#runtime::SecretSetting::None),
        Secret::Env(name) => quote!(#runtime::SecretSetting::Env { name: #name }),
        Secret::OptionalEnv(name) => quote!(#runtime::SecretSetting::OptionalEnv { name: #name }),
        Secret::Value(path) => {
            let path = named::SECRET.value(path, runtime);
            quote!(#runtime::SecretSetting::Value(#path))
        }
    })
}

fn some(value: &TokenStream) -> TokenStream {
    quote!(::core::option::Option::Some(#value))
}

fn strings(texts: &[LitStr]) -> TokenStream {
    quote!(&[#(#texts),*])
}

fn landing(rules: &[Landing], runtime: &Path) -> TokenStream {
    let rules = rules.iter().map(|rule| {
        let when = rule.when.value(runtime);
        let Landing { to, always, .. } = rule;
        quote!(#runtime::Landing { when: #when, to: #to, always: #always })
    });
    quote!(&[#(#rules),*])
}

fn protect(rules: &[Protect], runtime: &Path) -> Option<TokenStream> {
    let rules = written(rules)?.iter().map(|Protect { path, when }| {
        let when = when.value(runtime);
        quote!(#runtime::Protect { path: #path, when: #when })
    });
    Some(quote!(&[#(#rules),*]))
}

fn parameters(parameters: &[(LitStr, Setting)], runtime: &Path) -> Option<TokenStream> {
    let parameters = written(parameters)?.iter().filter_map(|(name, value)| {
        let value = setting_of(Some(value), runtime)?;
        Some(quote!(#runtime::Parameter { name: #name, value: #value }))
    });
    Some(quote!(&[#(#parameters),*]))
}

fn tenants(tenants: &Tenants, runtime: &Path) -> TokenStream {
    match tenants {
        Tenants::Any => quote!(#runtime::Tenants::Any),
        Tenants::Of(ids) => {
            let ids = strings(ids);
            quote!(#runtime::Tenants::Of(#ids))
        }
    }
}

fn cross_origin(of: &CrossOrigin, runtime: &Path) -> TokenStream {
    match of {
        CrossOrigin::Unchecked => quote!(#runtime::CrossOrigin::Unchecked),
        CrossOrigin::Allow(origins) => {
            let origins = origins.iter();
            let origins = origins.filter_map(|it| setting_of(Some(it), runtime));
            quote!(#runtime::CrossOrigin::Allow(&[#(#origins),*]))
        }
    }
}

fn provider(provider: &Provider, runtime: &Path) -> Option<TokenStream> {
    let timeout = provider
        .timeout
        .map(|s| entry("timeout", &some(&seconds(s))));
    let leeway = provider.leeway.map(|s| entry("leeway", &seconds(s)));
    let entries: Vec<_> = timeout.into_iter().chain(leeway).collect();
    partly(runtime, "ProviderSpec", &entries)
}

fn logout(logout: &Logout, runtime: &Path) -> TokenStream {
    match logout {
        Logout::Local => quote!(#runtime::LogoutSpec::Local),
        Logout::Provider => quote!(#runtime::LogoutSpec::PROVIDER),
        Logout::By(name) => quote!(#runtime::LogoutSpec::Provider { return_parameter: #name }),
    }
}

fn written<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

/// Writes `Type { field: value, ..Type::DEFAULT }`, or nothing where there are no fields.
fn partly(runtime: &Path, name: &str, fields: &[TokenStream]) -> Option<TokenStream> {
    if fields.is_empty() {
        return None;
    }
    let name = Ident::new(name, Span::call_site());
    Some(quote!(#runtime::#name { #(#fields,)* ..#runtime::#name::DEFAULT }))
}

fn entry(name: &str, value: &TokenStream) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(#name: #value)
}

fn paths(paths: &[(&str, LitStr)], runtime: &Path) -> Option<TokenStream> {
    let value = |name: &str, path: &LitStr| match default::PATHS.contains(&name) {
        true => quote!(#path),
        false => some(&quote!(#path)),
    };
    let entries: Vec<_> = paths
        .iter()
        .map(|(name, path)| entry(name, &value(name, path)))
        .collect();
    partly(runtime, "Paths", &entries)
}

fn pages(pages: &[(&str, LitStr)], runtime: &Path) -> Option<TokenStream> {
    let entries = pages
        .iter()
        .map(|(name, page)| entry(name, &some(&quote!(#page))));
    partly(runtime, "Pages", &entries.collect::<Vec<_>>())
}

fn endpoints(endpoints: &Endpoints, runtime: &Path) -> Option<TokenStream> {
    let urls = endpoints.urls.iter();
    let flag = endpoints
        .authsafe
        .map(|flag| entry("authsafe", &quote!(#flag)));
    let entries: Vec<_> = urls
        .filter_map(|(name, url)| Some(entry(name, &some(&setting_of(Some(url), runtime)?))))
        .chain(flag)
        .collect();
    partly(runtime, "Endpoints", &entries)
}

fn client_auth(method: ClientAuth, runtime: &Path) -> TokenStream {
    match method {
        ClientAuth::Auto => quote!(#runtime::ClientAuth::Auto),
        ClientAuth::Basic => quote!(#runtime::ClientAuth::Basic),
        ClientAuth::Post => quote!(#runtime::ClientAuth::Post),
    }
}

fn userinfo(asked: AskUserInfo, runtime: &Path) -> TokenStream {
    match asked {
        AskUserInfo::Auto => quote!(#runtime::AskUserInfo::Auto),
        AskUserInfo::Always => quote!(#runtime::AskUserInfo::Always),
        AskUserInfo::Never => quote!(#runtime::AskUserInfo::Never),
    }
}

fn claims(claims: &[(&str, Vec<LitStr>)], runtime: &Path) -> Option<TokenStream> {
    let entries = claims
        .iter()
        .map(|(name, paths)| entry(name, &strings(paths)));
    partly(runtime, "ClaimPaths", &entries.collect::<Vec<_>>())
}

fn session(session: &Session, runtime: &Path) -> Option<TokenStream> {
    let entries: Vec<_> = [
        session.max_age.map(|s| entry("max_age", &seconds(s))),
        session.idle.map(|s| entry("idle", &some(&seconds(s)))),
        session
            .transaction
            .map(|s| entry("transaction", &seconds(s))),
        session
            .auto_refresh
            .map(|flag| entry("auto_refresh", &quote!(#flag))),
        session
            .refresh_before
            .map(|s| entry("refresh_before", &seconds(s))),
        session.grace.map(|s| entry("grace", &seconds(s))),
        keep(&session.keep, runtime).map(|kept| entry("keep", &kept)),
        session
            .store
            .as_ref()
            .map(|kept| entry("store", &store(kept, runtime))),
    ]
    .into_iter()
    .flatten()
    .collect();
    partly(runtime, "SessionSpec", &entries)
}

fn keep(keep: &Keep, runtime: &Path) -> Option<TokenStream> {
    let flags = [
        ("id_token", keep.id_token),
        ("access_token", keep.access_token),
    ];
    let entries = flags.map(|(name, flag)| flag.map(|flag| entry(name, &quote!(#flag))));
    let entries: Vec<_> = entries.into_iter().flatten().collect();
    partly(runtime, "KeepSpec", &entries)
}

fn bearer(bearer: &Bearer, runtime: &Path) -> Option<TokenStream> {
    let audience = setting_of(Some(&bearer.audience), runtime)?;
    let entries = [
        bearer.max_age.map(|s| entry("max_age", &seconds(s))),
        bearer
            .opaque_without_audience
            .map(|flag| entry("opaque_without_audience", &quote!(#flag))),
    ];
    let entries: Vec<_> = entries.into_iter().flatten().collect();
    let new = quote!(#runtime::BearerSpec::new(#audience));
    Some(match entries.as_slice() {
        [] => new,
        entries => quote!(#runtime::BearerSpec { #(#entries,)* ..#new }),
    })
}

fn store(store: &Store, runtime: &Path) -> TokenStream {
    match store {
        Store::Redis => quote!(#runtime::StoreSpec::Redis),
        Store::Custom(path) => {
            let path = named::STORE.value(path, runtime);
            quote!(#runtime::StoreSpec::Custom(#path))
        }
    }
}

fn cookies(cookies: &Cookies, runtime: &Path) -> Option<TokenStream> {
    let same_site = |same_site| match same_site {
        SameSite::Lax => quote!(#runtime::SameSite::Lax),
        SameSite::None => quote!(#runtime::SameSite::None),
    };
    let entries: Vec<_> = [
        cookies
            .name
            .as_ref()
            .map(|name| entry("name", &quote!(#name))),
        cookies
            .same_site
            .map(|site| entry("same_site", &same_site(site))),
        cookies
            .secure
            .map(|flag| entry("secure", &some(&quote!(#flag)))),
        setting_of(cookies.domain.as_ref(), runtime).map(|domain| entry("domain", &some(&domain))),
        cookies
            .path
            .as_ref()
            .map(|path| entry("path", &quote!(#path))),
    ]
    .into_iter()
    .flatten()
    .collect();
    partly(runtime, "CookieSpec", &entries)
}

fn rates(rates: &[(&str, u32, u64)], runtime: &Path) -> Option<TokenStream> {
    let entries: Vec<_> = rates
        .iter()
        .map(|(name, count, per)| {
            let per = seconds(*per);
            entry(
                name,
                &some(&quote!(#runtime::Rate { count: #count, per: #per })),
            )
        })
        .collect();
    partly(runtime, "RateSpec", &entries)
}

fn shared_state(state: &SharedState, runtime: &Path) -> Option<TokenStream> {
    let entries: Vec<_> = [
        secret(state.redis.as_ref(), runtime).map(|url| entry("redis", &url)),
        state
            .prefix
            .as_ref()
            .map(|prefix| entry("prefix", &quote!(#prefix))),
        state
            .fail_closed
            .map(|flag| entry("fail_closed", &quote!(#flag))),
    ]
    .into_iter()
    .flatten()
    .collect();
    partly(runtime, "SharedStateSpec", &entries)
}

fn seconds(seconds: u64) -> TokenStream {
    quote!(::core::time::Duration::from_secs(#seconds))
}
