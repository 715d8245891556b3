//! From what was written to what it means.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use crate::advice::NONE;
use crate::condition::Kind;
use crate::error::{self, Errors};
use crate::guard::args::{Asked, GuardArgs};
use crate::guard::sentences;
use crate::key::Key;
use crate::krate;
use crate::routes::NAMES;
use crate::unauthenticated;
use crate::value;

pub(crate) struct Guard {
    pub(crate) asked: Asked,
    pub(crate) routes: Routes,
    /// The answer to signed-out visitors, if the guard says so itself.
    pub(crate) unauthenticated: Option<&'static str>,
    pub(crate) runtime: Path,
}

/// The routes that declare the scopes and roles, and whose session is asked for.
pub(crate) enum Routes {
    /// `crate::auth`, where a scope or a role is named.
    Default,
    /// `routes = path`.
    At(Path),
    /// `routes = any`: whichever the app has.
    Any,
}

pub(crate) fn check(args: GuardArgs, errors: &mut Errors) -> Option<Guard> {
    let before = errors.count();
    if let Some(condition) = args.asked.condition() {
        condition.check(errors);
    }
    if let (Asked::Tree(_), Some(key)) = (&args.asked, &args.unauthenticated) {
        errors.at(key.path(), sentences::ANSWER_OF_A_POLICY);
    }
    let routes = routes(args.routes.as_ref(), errors);
    let unauthenticated = args
        .unauthenticated
        .and_then(|key| unauthenticated::of_guard(&key, errors));
    let runtime = krate::runtime(args.krate.as_ref(), errors);
    let routes = routes.filter(|_| errors.count() == before)?;
    Some(Guard {
        asked: args.asked,
        routes,
        unauthenticated,
        runtime,
    })
}

/// Reports what is wrong with the keys of a guard whose condition is none: routes, answer, crate.
pub(crate) fn keys(keys: [&Option<Key>; 3], errors: &mut Errors) {
    let [of, answer, krate] = keys;
    let _ = routes(of.as_ref(), errors);
    let _ = answer
        .as_ref()
        .and_then(|key| unauthenticated::of_guard(key, errors));
    let _ = krate::runtime(krate.as_ref(), errors);
}

pub(crate) fn routes(key: Option<&Key>, errors: &mut Errors) -> Option<Routes> {
    Some(match key {
        None => Routes::Default,
        Some(key) => match value::path(key, errors)? {
            path if path.is_ident("any") => Routes::Any,
            path if NONE.iter().any(|none| path.is_ident(none)) => {
                return errors.refuse(path, error::shape(key));
            }
            path if within(&path) => {
                let written = path.to_token_stream().to_string().replace(' ', "");
                return errors.refuse(&path, sentences::routes_module(&written));
            }
            path => Routes::At(path),
        },
    })
}

/// Returns whether it names something that the attribute writes into the module.
fn within(path: &Path) -> bool {
    let last = path.segments.last();
    let written = |last: &syn::PathSegment| NAMES.iter().any(|name| last.ident == name);
    path.segments.len() > 1 && last.is_some_and(written)
}

impl Guard {
    /// Returns whose session is asked for, as a type. `None`: the guard does not say.
    pub(crate) fn whose(&self) -> Option<TokenStream> {
        match &self.routes {
            Routes::Any => {
                let runtime = &self.runtime;
                Some(quote!(#runtime::Innermost))
            }
            _ => self.sign_in(),
        }
    }

    /// Returns the sign-in that the policies in its condition are of, where neither the guard nor another one beside it
    /// says one.
    pub(crate) fn hint(&self) -> Option<TokenStream> {
        match (&self.routes, &self.asked) {
            (Routes::Default, Asked::Tree(_)) => self.said_by_policies(),
            _ => None,
        }
    }

    /// Returns the one sign-in that the guard is of. A policy may say it itself.
    pub(crate) fn sign_in(&self) -> Option<TokenStream> {
        match (&self.routes, &self.asked) {
            (Routes::Any, Asked::Condition(_) | Asked::Tree(_)) => None,
            (Routes::At(path), Asked::Condition(_) | Asked::Tree(_)) => Some(self::sign_in(path)),
            (_, Asked::Policy(_)) => self.said_by_policies(),
            (Routes::Default, Asked::Condition(condition) | Asked::Tree(condition)) => {
                let declared = |kind: &Kind| matches!(kind, Kind::Scope | Kind::Role);
                let mut named = condition.named().into_iter();
                let (_, name) = named.find(|(kind, _)| declared(kind))?;
                Some(self.at_default(krate::at(name.span())))
            }
        }
    }

    /// Returns the sign-in that the first of its policies is of that says one.
    fn said_by_policies(&self) -> Option<TokenStream> {
        let runtime = &self.runtime;
        let said = self.asked.policies().into_iter().rev();
        let said = said.map(|policy| quote!(#runtime::SaidBy<#runtime::Authorized<#policy>>));
        said.reduce(|others, said| quote!(#runtime::Or<#said, #others>))
    }

    /// Returns the sign-in of `crate::auth`.
    pub(crate) fn default_sign_in(&self) -> TokenStream {
        self.at_default(Span::call_site())
    }

    fn at_default(&self, span: Span) -> TokenStream {
        let runtime = &self.runtime;
        let number = in_default_routes(span, runtime, &quote!(#runtime::number(auth::SPEC)));
        quote_spanned!(span=> #runtime::At<{ #number }>)
    }
}

/// Writes an expression about `auth`, which is the module of this name at the root of the crate; where there is
/// none, one of the runtime's that says so. A path that begins with `crate` would be told of in the compiler's
/// words, with advice that is wrong: it knows nothing of `routes = path`.
pub(crate) fn in_default_routes(span: Span, runtime: &Path, of_auth: &TokenStream) -> TokenStream {
    let of_auth = krate::respanned(of_auth.clone(), span);
    let runtime = krate::respanned(quote!(#runtime), span);
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #runtime::elsewhere::*;
        {
            #[allow(unused_imports)]
            use crate::*;
            #of_auth
        }
    }
}

/// Returns the type of the sign-in whose routes are at this path.
pub(crate) fn sign_in(routes: &Path) -> TokenStream {
    let last = routes.segments.last();
    let span = last.map_or_else(Span::call_site, |last| krate::at(last.ident.span()));
    quote_spanned!(span=> #routes::Routes)
}
