//! What comes out: the module as written, a constant, thin functions. Nothing here can fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Item, ItemMod, LitStr, Path};

use crate::feature;
use crate::krate;
use crate::routes::module::names;
use crate::routes::spec::{
    Bearer, Cookies, Endpoints, Landing, Protect, SameSite, Secret, Session, Setting, SharedState,
    Spec, Store,
};
use authsafe_rules::default;

pub(crate) fn expand(mut module: ItemMod, spec: &Spec) -> TokenStream {
    let fields = fields(spec);
    let written = quote!(#(#fields,)*);
    let constants = constants(spec.scopes.clone());
    fill(&mut module, &spec.krate, &written, &constants);
    quote!(#module)
}

/// Writes the constant, the functions and the scopes into the module, but for names that it has.
pub(crate) fn fill(module: &mut ItemMod, krate: &Path, fields: &TokenStream, scopes: &TokenStream) {
    let generated = [
        ("SPEC", constant(krate, fields)),
        ("Routes", as_type(krate)),
        ("from_env", from_env(krate)),
        ("from_vars", from_vars(krate)),
        ("from_env_or_unconfigured", from_env_or_unconfigured(krate)),
        ("scopes", scopes_module(scopes)),
    ];
    let taken: Vec<String> = names(module).into_iter().map(Ident::to_string).collect();
    if let Some((_, items)) = &mut module.content {
        let free = generated
            .into_iter()
            .filter(|(name, _)| !taken.iter().any(|taken| taken == name))
            .filter(|(name, _)| feature::CLIENT || !name.starts_with("from_"));
        items.extend(free.map(|(_, item)| Item::Verbatim(item)));
    }
}

fn constant(krate: &Path, fields: &TokenStream) -> TokenStream {
    quote! {
        /// What `#[authsafe::routes]` said.
        #[allow(clippy::needless_update)]
        pub const SPEC: &#krate::Spec = &#krate::Spec {
            routes: #krate::RoutesId::of::<Routes>(),
            #fields
            ..#krate::Spec::DEFAULT
        };
    }
}

fn as_type(krate: &Path) -> TokenStream {
    quote! {
        /// This sign-in as a type: `Of<Session, Routes>` is a session of it.
        pub enum Routes {}
        impl #krate::Routes for Routes {}
    }
}

fn from_env(krate: &Path) -> TokenStream {
    quote! {
        /// Reads the settings from the environment, asks the provider, and starts sign-in.
        ///
        /// # Errors
        ///
        /// Every setting that is missing or wrong, at once, by name.
        pub async fn from_env() -> ::core::result::Result<#krate::Auth, #krate::StartError> {
            #krate::__private::from_env(SPEC).await
        }
    }
}

fn from_vars(krate: &Path) -> TokenStream {
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
        ) -> ::core::result::Result<#krate::Auth, #krate::StartError> {
            #krate::__private::from_vars(SPEC, lookup).await
        }
    }
}

fn from_env_or_unconfigured(krate: &Path) -> TokenStream {
    quote! {
        /// [`from_env`] for an app that must start all the same: what is wrong is logged, the
        /// endpoints answer 503 and the guards let nobody in.
        pub async fn from_env_or_unconfigured() -> #krate::Auth {
            #krate::__private::from_env_or_unconfigured(SPEC).await
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

/// One constant a scope, documented with the scope itself.
pub(crate) fn constants(scopes: Option<Vec<LitStr>>) -> TokenStream {
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

/// `read:documents` is `READ_DOCUMENTS`.
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

/// The fields that were written, each as `name: value`.
fn fields(spec: &Spec) -> Vec<TokenStream> {
    let krate = &spec.krate;
    let mut fields = Vec::new();
    let mut field = |name: &str, value: Option<TokenStream>| {
        if let Some(value) = value {
            let name = Ident::new(name, Span::call_site());
            fields.push(quote!(#name: #value));
        }
    };
    field("domain", setting_of(spec.domain.as_ref(), krate));
    field("client_id", setting_of(spec.client_id.as_ref(), krate));
    field("client_secret", secret(spec.client_secret.as_ref(), krate));
    field("cookie_secret", secret(spec.cookie_secret.as_ref(), krate));
    field("app_url", setting_of(spec.app_url.as_ref(), krate));
    field(
        "ca_file",
        setting_of(spec.ca_file.as_ref(), krate).map(|file| some(&file)),
    );
    field(
        "base_path",
        spec.base_path.as_ref().map(|path| quote!(#path)),
    );
    field("paths", paths(&spec.paths, krate));
    field("scopes", spec.scopes.as_deref().map(strings));
    field("roles", spec.roles.as_deref().map(strings));
    field(
        "landing",
        spec.landing.as_deref().map(|rules| landing(rules, krate)),
    );
    field(
        "after_logout",
        spec.after_logout.as_ref().map(|path| quote!(#path)),
    );
    field("endpoints", endpoints(&spec.endpoints, krate));
    field("session", session(&spec.session, krate));
    field(
        "bearer",
        spec.bearer
            .as_ref()
            .and_then(|it| bearer(it, krate))
            .map(|it| some(&it)),
    );
    field("cookies", cookies(&spec.cookies, krate));
    field("rate_limit", rates(&spec.rate_limit, krate));
    field(
        "trusted_proxies",
        spec.trusted_proxies.as_deref().map(strings),
    );
    field("shared_state", shared_state(&spec.shared_state, krate));
    field("protect", protect(&spec.protect, krate));
    field("public", written(&spec.public).map(strings));
    field(
        "unauthenticated",
        spec.unauthenticated.as_ref().map(|how| how.value(krate)),
    );
    field("on_event", hook("on_event", spec.on_event.as_ref(), krate));
    field("on_error", hook("on_error", spec.on_error.as_ref(), krate));
    fields
}

fn setting_of(setting: Option<&Setting>, krate: &Path) -> Option<TokenStream> {
    Some(match setting? {
        Setting::Literal(text) => quote!(#krate::Setting::Literal(#text)),
        Setting::Env { name, default } => {
            let default = match default {
                Some(text) => some(&quote!(#text)),
                None => quote!(::core::option::Option::None),
            };
            quote!(#krate::Setting::Env { name: #name, default: #default })
        }
        Setting::Value(path) => {
            let path = reference(path);
            quote!(#krate::Setting::Value(#path))
        }
    })
}

fn secret(secret: Option<&Secret>, krate: &Path) -> Option<TokenStream> {
    Some(match secret? {
        Secret::None => quote!(#krate::SecretSetting::None),
        Secret::Env(name) => quote!(#krate::SecretSetting::Env { name: #name }),
        Secret::OptionalEnv(name) => quote!(#krate::SecretSetting::OptionalEnv { name: #name }),
        Secret::Value(path) => {
            let path = reference(path);
            quote!(#krate::SecretSetting::Value(#path))
        }
    })
}

/// A call that says which type of function is expected, all of it at the user's path.
fn hook(kind: &str, path: Option<&Path>, krate: &Path) -> Option<TokenStream> {
    let path = path?;
    let span = krate::at(path.span());
    let kind = Ident::new(kind, span);
    let within = krate::from_within(path);
    let kind = krate::respanned(quote!(#krate::__private::#kind), span);
    Some(some(&quote_spanned!(span=> &#kind(#within))))
}

/// `&super::path`, all of it at the user's path, so that an error shows there.
fn reference(path: &Path) -> TokenStream {
    let span = krate::at(path.span());
    let within = krate::from_within(path);
    quote_spanned!(span=> &#within)
}

fn some(value: &TokenStream) -> TokenStream {
    quote!(::core::option::Option::Some(#value))
}

fn strings(texts: &[LitStr]) -> TokenStream {
    quote!(&[#(#texts),*])
}

fn landing(rules: &[Landing], krate: &Path) -> TokenStream {
    let rules = rules.iter().map(|rule| {
        let when = rule.when.value(krate);
        let Landing { to, always, .. } = rule;
        quote!(#krate::Landing { when: #when, to: #to, always: #always })
    });
    quote!(&[#(#rules),*])
}

fn protect(rules: &[Protect], krate: &Path) -> Option<TokenStream> {
    let rules = written(rules)?.iter().map(|Protect { path, when }| {
        let when = when.value(krate);
        quote!(#krate::Protect { path: #path, when: #when })
    });
    Some(quote!(&[#(#rules),*]))
}

fn written<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}

/// `Type { written, ..Type::DEFAULT }`, or nothing where nothing was written.
fn partly(krate: &Path, name: &str, fields: &[TokenStream]) -> Option<TokenStream> {
    if fields.is_empty() {
        return None;
    }
    let name = Ident::new(name, Span::call_site());
    Some(quote!(#krate::#name { #(#fields,)* ..#krate::#name::DEFAULT }))
}

fn entry(name: &str, value: &TokenStream) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(#name: #value)
}

fn paths(paths: &[(&str, LitStr)], krate: &Path) -> Option<TokenStream> {
    let value = |name: &str, path: &LitStr| match default::PATHS.contains(&name) {
        true => quote!(#path),
        false => some(&quote!(#path)),
    };
    let entries: Vec<_> = paths
        .iter()
        .map(|(name, path)| entry(name, &value(name, path)))
        .collect();
    partly(krate, "Paths", &entries)
}

fn endpoints(endpoints: &Endpoints, krate: &Path) -> Option<TokenStream> {
    let urls = endpoints.urls.iter();
    let flag = endpoints
        .authsafe
        .map(|flag| entry("authsafe", &quote!(#flag)));
    let entries: Vec<_> = urls
        .filter_map(|(name, url)| Some(entry(name, &some(&setting_of(Some(url), krate)?))))
        .chain(flag)
        .collect();
    partly(krate, "Endpoints", &entries)
}

fn session(session: &Session, krate: &Path) -> Option<TokenStream> {
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
        session
            .store
            .as_ref()
            .map(|kept| entry("store", &store(kept, krate))),
    ]
    .into_iter()
    .flatten()
    .collect();
    partly(krate, "SessionSpec", &entries)
}

fn bearer(bearer: &Bearer, krate: &Path) -> Option<TokenStream> {
    let audience = setting_of(Some(&bearer.audience), krate)?;
    let entries = [
        bearer.max_age.map(|s| entry("max_age", &seconds(s))),
        bearer
            .opaque_without_audience
            .map(|flag| entry("opaque_without_audience", &quote!(#flag))),
    ];
    let entries: Vec<_> = entries.into_iter().flatten().collect();
    let new = quote!(#krate::BearerSpec::new(#audience));
    Some(match entries.as_slice() {
        [] => new,
        entries => quote!(#krate::BearerSpec { #(#entries,)* ..#new }),
    })
}

fn store(store: &Store, krate: &Path) -> TokenStream {
    match store {
        Store::Redis => quote!(#krate::StoreSpec::Redis),
        Store::Custom(path) => {
            let path = reference(path);
            quote!(#krate::StoreSpec::Custom(#path))
        }
    }
}

fn cookies(cookies: &Cookies, krate: &Path) -> Option<TokenStream> {
    let same_site = |same_site| match same_site {
        SameSite::Lax => quote!(#krate::SameSite::Lax),
        SameSite::None => quote!(#krate::SameSite::None),
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
        setting_of(cookies.domain.as_ref(), krate).map(|domain| entry("domain", &some(&domain))),
        cookies
            .path
            .as_ref()
            .map(|path| entry("path", &quote!(#path))),
    ]
    .into_iter()
    .flatten()
    .collect();
    partly(krate, "CookieSpec", &entries)
}

fn rates(rates: &[(&str, u32, u64)], krate: &Path) -> Option<TokenStream> {
    let entries: Vec<_> = rates
        .iter()
        .map(|(name, count, per)| {
            let per = seconds(*per);
            entry(
                name,
                &some(&quote!(#krate::Rate { count: #count, per: #per })),
            )
        })
        .collect();
    partly(krate, "RateSpec", &entries)
}

fn shared_state(state: &SharedState, krate: &Path) -> Option<TokenStream> {
    let entries: Vec<_> = [
        secret(state.redis.as_ref(), krate).map(|url| entry("redis", &url)),
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
    partly(krate, "SharedStateSpec", &entries)
}

fn seconds(seconds: u64) -> TokenStream {
    quote!(::core::time::Duration::from_secs(#seconds))
}
