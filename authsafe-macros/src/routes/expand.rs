//! What comes out: the module as written, a constant, thin functions. Nothing here can fail.

use core::fmt;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Item, ItemMod, LitStr, Path};

use crate::krate;
use crate::named::{self, Named};
use crate::routes::module::names;
use crate::routes::spec::{
    Bearer, Cookies, CrossOrigin, Endpoints, Keep, Landing, Logout, Protect, Provider, Secret,
    Session, Setting, SharedState, Spec, Store, Tenants,
};
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
        /// The settings of `#[authsafe::routes]`.
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

/// A field of a struct of the runtime, by its name. `None`: it has its default.
type Field<'a> = (&'a str, Option<TokenStream>);

/// Writes the fields that the attribute names, each as `name: value`.
fn fields(spec: &Spec) -> Vec<TokenStream> {
    let runtime = &spec.runtime;
    let setting = |it: &Option<Setting>| it.as_ref().map(|it| setting(it, runtime));
    let secret = |it: &Option<Secret>| it.as_ref().map(|it| secret(it, runtime));
    let list = |texts: &Option<Vec<LitStr>>| texts.as_deref().map(strings);
    let hook = |named: &Named, path: &Option<Path>| {
        let path = path.as_ref()?;
        Some(some(named.value(path, runtime)))
    };
    let client_auth = spec.client_auth.map(|it| word("ClientAuth", it, runtime));
    let response_mode = spec.response_mode;
    let response_mode = response_mode.map(|it| word("ResponseMode", it, runtime));
    let userinfo = spec.userinfo.map(|it| word("AskUserInfo", it, runtime));
    let tenants = spec.tenants.as_ref().map(|it| tenants(it, runtime));
    let landing = spec.landing.as_deref().map(|it| landing(it, runtime));
    let logout = spec.logout.as_ref().map(|it| logout(it, runtime));
    let bearer = spec.bearer.as_ref().map(|it| some(bearer(it, runtime)));
    let cross_origin = spec.cross_origin.as_ref();
    let cross_origin = cross_origin.map(|it| cross_origin_of(it, runtime));
    let unauthenticated = spec.unauthenticated.as_ref();
    entries([
        ("domain", setting(&spec.domain)),
        ("client_id", setting(&spec.client_id)),
        ("client_secret", secret(&spec.client_secret)),
        ("client_auth", client_auth),
        ("cookie_secret", secret(&spec.cookie_secret)),
        ("app_url", setting(&spec.app_url)),
        ("ca_file", setting(&spec.ca_file).map(some)),
        ("base_path", plain(&spec.base_path)),
        ("paths", paths(&spec.paths, runtime)),
        ("scopes", list(&spec.scopes)),
        ("roles", list(&spec.roles)),
        ("tenants", tenants),
        ("provider", provider(&spec.provider, runtime)),
        ("authorize", parameters(&spec.authorize, runtime)),
        ("response_mode", response_mode),
        ("forward", list(&spec.forward)),
        ("landing", landing),
        ("after_logout", plain(&spec.after_logout)),
        ("keep_post", spec.keep_post.map(some)),
        ("pages", pages(&spec.pages, runtime)),
        ("logout", logout),
        ("revoke_at_logout", plain(&spec.revoke_at_logout)),
        ("clear_site_data", list(&spec.clear_site_data)),
        ("endpoints", endpoints(&spec.endpoints, runtime)),
        ("algorithms", list(&spec.algorithms)),
        ("userinfo", userinfo),
        ("claims", claims(&spec.claims, runtime)),
        ("session", session(&spec.session, runtime)),
        ("bearer", bearer),
        ("cross_origin", cross_origin),
        ("cookies", cookies(&spec.cookies, runtime)),
        ("rate_limit", rates(&spec.rate_limit, runtime)),
        ("trusted_proxies", list(&spec.trusted_proxies)),
        ("shared_state", shared_state(&spec.shared_state, runtime)),
        ("protect", protect(&spec.protect, runtime)),
        ("public", written(&spec.public).map(strings)),
        (
            "unauthenticated",
            unauthenticated.map(|it| it.value(runtime)),
        ),
        ("on_event", hook(&named::ON_EVENT, &spec.on_event)),
        ("on_error", hook(&named::ON_ERROR, &spec.on_error)),
    ])
}

// Values.

/// Writes a text, a flag or a number as it is.
fn plain<T: ToTokens>(value: &Option<T>) -> Option<TokenStream> {
    value.as_ref().map(ToTokens::to_token_stream)
}

fn some(value: impl ToTokens) -> TokenStream {
    quote!(::core::option::Option::Some(#value))
}

fn strings(texts: &[LitStr]) -> TokenStream {
    quote!(&[#(#texts),*])
}

fn time(seconds: Option<u64>) -> Option<TokenStream> {
    seconds.map(|it| quote!(::core::time::Duration::from_secs(#it)))
}

/// Writes a variant of a type of the runtime, which has the names of ours.
fn word(of: &str, variant: impl fmt::Debug, runtime: &Path) -> TokenStream {
    let name = |name: &str| Ident::new(name, Span::call_site());
    let (of, variant) = (name(of), name(&format!("{variant:?}")));
    quote!(#runtime::#of::#variant)
}

fn setting(setting: &Setting, runtime: &Path) -> TokenStream {
    match setting {
        Setting::Literal(text) => quote!(#runtime::Setting::Literal(#text)),
        Setting::Env { name, default } => {
            let default = match default {
                Some(text) => some(text),
                None => quote!(::core::option::Option::None),
            };
            quote!(#runtime::Setting::Env { name: #name, default: #default })
        }
        Setting::Value(path) => {
            let path = named::SETTING.value(path, runtime);
            quote!(#runtime::Setting::Value(#path))
        }
    }
}

fn secret(secret: &Secret, runtime: &Path) -> TokenStream {
    match secret {
        Secret::None => quote!(#runtime::SecretSetting::None),
        Secret::Env(name) => quote!(#runtime::SecretSetting::Env { name: #name }),
        Secret::OptionalEnv(name) => quote!(#runtime::SecretSetting::OptionalEnv { name: #name }),
        Secret::Value(path) => {
            let path = named::SECRET.value(path, runtime);
            quote!(#runtime::SecretSetting::Value(#path))
        }
    }
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

fn cross_origin_of(of: &CrossOrigin, runtime: &Path) -> TokenStream {
    match of {
        CrossOrigin::Unchecked => quote!(#runtime::CrossOrigin::Unchecked),
        CrossOrigin::Allow(origins) => {
            let origins = origins.iter().map(|it| setting(it, runtime));
            quote!(#runtime::CrossOrigin::Allow(&[#(#origins),*]))
        }
    }
}

fn logout(logout: &Logout, runtime: &Path) -> TokenStream {
    match logout {
        Logout::Local => quote!(#runtime::LogoutSpec::Local),
        Logout::Provider => quote!(#runtime::LogoutSpec::PROVIDER),
        Logout::By(name) => quote!(#runtime::LogoutSpec::Provider { return_parameter: #name }),
    }
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

// Lists.

fn written<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
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
    let parameters = written(parameters)?.iter().map(|(name, value)| {
        let value = setting(value, runtime);
        quote!(#runtime::Parameter { name: #name, value: #value })
    });
    Some(quote!(&[#(#parameters),*]))
}

// Structs.

fn entries<'a>(fields: impl IntoIterator<Item = Field<'a>>) -> Vec<TokenStream> {
    let entry = |(name, value): Field<'_>| {
        let (name, value) = (Ident::new(name, Span::call_site()), value?);
        Some(quote!(#name: #value))
    };
    fields.into_iter().filter_map(entry).collect()
}

/// Writes `Type { field: value, ..Type::DEFAULT }`, or nothing where there are no fields.
fn partly<'a>(
    runtime: &Path,
    name: &str,
    fields: impl IntoIterator<Item = Field<'a>>,
) -> Option<TokenStream> {
    let (fields, name) = (entries(fields), Ident::new(name, Span::call_site()));
    let fields = written(&fields)?;
    Some(quote!(#runtime::#name { #(#fields,)* ..#runtime::#name::DEFAULT }))
}

fn provider(provider: &Provider, runtime: &Path) -> Option<TokenStream> {
    let fields = [
        ("timeout", time(provider.timeout).map(some)),
        ("leeway", time(provider.leeway)),
    ];
    partly(runtime, "ProviderSpec", fields)
}

fn paths(paths: &[(&str, LitStr)], runtime: &Path) -> Option<TokenStream> {
    let fields = paths.iter().map(|(name, path)| {
        let value = match default::PATHS.contains(name) {
            true => quote!(#path),
            false => some(path),
        };
        (*name, Some(value))
    });
    partly(runtime, "Paths", fields)
}

fn pages(pages: &[(&str, LitStr)], runtime: &Path) -> Option<TokenStream> {
    let fields = pages.iter().map(|(name, page)| (*name, Some(some(page))));
    partly(runtime, "Pages", fields)
}

fn endpoints(endpoints: &Endpoints, runtime: &Path) -> Option<TokenStream> {
    let urls = endpoints.urls.iter();
    let urls = urls.map(|(name, url)| (*name, Some(some(setting(url, runtime)))));
    let fields = urls.chain([("authsafe", plain(&endpoints.authsafe))]);
    partly(runtime, "Endpoints", fields)
}

fn claims(claims: &[(&str, Vec<LitStr>)], runtime: &Path) -> Option<TokenStream> {
    let fields = claims.iter();
    let fields = fields.map(|(name, paths)| (*name, Some(strings(paths))));
    partly(runtime, "ClaimPaths", fields)
}

fn session(session: &Session, runtime: &Path) -> Option<TokenStream> {
    let store = session.store.as_ref().map(|it| store(it, runtime));
    let fields = [
        ("max_age", time(session.max_age)),
        ("idle", time(session.idle).map(some)),
        ("transaction", time(session.transaction)),
        ("auto_refresh", plain(&session.auto_refresh)),
        ("refresh_before", time(session.refresh_before)),
        ("grace", time(session.grace)),
        ("keep", keep(&session.keep, runtime)),
        ("store", store),
    ];
    partly(runtime, "SessionSpec", fields)
}

fn keep(keep: &Keep, runtime: &Path) -> Option<TokenStream> {
    let fields = [
        ("id_token", plain(&keep.id_token)),
        ("access_token", plain(&keep.access_token)),
    ];
    partly(runtime, "KeepSpec", fields)
}

fn bearer(bearer: &Bearer, runtime: &Path) -> TokenStream {
    let opaque = plain(&bearer.opaque_without_audience);
    let fields = entries([
        ("max_age", time(bearer.max_age)),
        ("opaque_without_audience", opaque),
    ]);
    let audience = setting(&bearer.audience, runtime);
    let new = quote!(#runtime::BearerSpec::new(#audience));
    match fields.is_empty() {
        true => new,
        false => quote!(#runtime::BearerSpec { #(#fields,)* ..#new }),
    }
}

fn cookies(cookies: &Cookies, runtime: &Path) -> Option<TokenStream> {
    let same_site = cookies.same_site.map(|it| word("SameSite", it, runtime));
    let domain = cookies.domain.as_ref();
    let fields = [
        ("name", plain(&cookies.name)),
        ("same_site", same_site),
        ("secure", cookies.secure.map(some)),
        ("domain", domain.map(|it| some(setting(it, runtime)))),
        ("path", plain(&cookies.path)),
    ];
    partly(runtime, "CookieSpec", fields)
}

fn rates(rates: &[(&str, u32, u64)], runtime: &Path) -> Option<TokenStream> {
    let fields = rates.iter().map(|(name, count, per)| {
        let per = time(Some(*per));
        let rate = quote!(#runtime::Rate { count: #count, per: #per });
        (*name, Some(some(rate)))
    });
    partly(runtime, "RateSpec", fields)
}

fn shared_state(state: &SharedState, runtime: &Path) -> Option<TokenStream> {
    let redis = state.redis.as_ref().map(|it| secret(it, runtime));
    let fields = [
        ("redis", redis),
        ("prefix", plain(&state.prefix)),
        ("fail_closed", plain(&state.fail_closed)),
    ];
    partly(runtime, "SharedStateSpec", fields)
}
