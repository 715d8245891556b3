//! `unauthenticated = "auto"`, `"redirect"`, `"json"` or a function: what signed-out visitors get.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Meta, Path};

use crate::error::{self, Errors};
use crate::krate;
use crate::value::{self, Value};

#[derive(Clone)]
pub(crate) enum Unauthenticated {
    /// One of [`WORDS`].
    Word(&'static str),
    With(Path),
}

/// The words, and what each is called in the runtime.
const WORDS: [(&str, &str); 3] = [("auto", "Auto"), ("redirect", "Redirect"), ("json", "Json")];

/// What the routes say: a word or a function.
pub(crate) fn of_routes(meta: &Meta, errors: &mut Errors) -> Option<Unauthenticated> {
    match value::value(meta, errors)? {
        Value::Literal(text) => {
            let word = WORDS.iter().find(|(word, _)| *word == text.value());
            if word.is_none() {
                errors.at(&text, error::unauthenticated(&text.value()));
            }
            word.map(|(_, name)| Unauthenticated::Word(name))
        }
        Value::Path(path) => Some(Unauthenticated::With(path)),
        Value::None(word) => {
            errors.at(word, error::shape("unauthenticated"));
            None
        }
        Value::Env(env) => {
            errors.at(env.name, error::shape("unauthenticated"));
            None
        }
    }
}

/// What one guard says: a word.
pub(crate) fn of_guard(meta: &Meta, errors: &mut Errors) -> Option<&'static str> {
    match of_routes(meta, errors)? {
        Unauthenticated::Word(name) => Some(name),
        Unauthenticated::With(path) => {
            errors.at(path, error::UNAUTHENTICATED_BY_FUNCTION);
            None
        }
    }
}

impl Unauthenticated {
    /// As a value of the runtime's `Unauthenticated`. A function stands in a call that says which
    /// type is expected, all of it at the user's path.
    pub(crate) fn value(&self, runtime: &Path) -> TokenStream {
        match self {
            Self::Word(name) => {
                let name = Ident::new(name, proc_macro2::Span::call_site());
                quote!(#runtime::Unauthenticated::#name)
            }
            Self::With(path) => {
                let span = krate::at(path.span());
                let within = krate::from_within(path);
                let typed = krate::respanned(quote!(#runtime::unauthenticated), span);
                let call = quote_spanned!(span=> #typed(#within));
                quote!(#runtime::Unauthenticated::With(#call))
            }
        }
    }
}
