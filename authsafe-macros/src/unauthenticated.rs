//! `unauthenticated = "auto"`, `"redirect"`, `"json"` or a function: what signed-out visitors get.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Path;

use crate::error::{self, Errors, nearest};
use crate::key::Key;
use crate::named;
use crate::value::{self, Value};

#[derive(Clone)]
pub(crate) enum Unauthenticated {
    /// One of [`WORDS`].
    Word(&'static str),
    With(Path),
}

/// The usage of the key.
pub(crate) const USAGE: &str =
    r#"unauthenticated = "auto"`, `"redirect"`, `"json"` or `path::to::function"#;

/// The words, and what each is called in the runtime.
const WORDS: [(&str, &str); 3] = [("auto", "Auto"), ("redirect", "Redirect"), ("json", "Json")];

/// Reads what the routes say: a word or a function.
pub(crate) fn of_routes(key: &Key, errors: &mut Errors) -> Option<Unauthenticated> {
    match value::value(key, errors)? {
        Value::Literal(text) => {
            let word = WORDS.iter().find(|(word, _)| *word == text.value());
            if word.is_none() {
                errors.at(&text, unauthenticated(&text.value()));
            }
            word.map(|(_, name)| Unauthenticated::Word(name))
        }
        Value::Path(path) => {
            let word = WORDS.iter().find(|(word, _)| path.is_ident(word));
            if let Some((word, _)) = word {
                return errors.refuse(path, error::word_or_path(key, word));
            }
            if let Some((word, _)) = WORDS.iter().find(|(_, name)| ends_with(&path, name)) {
                return errors.refuse(&path, error::word_as_text(key, word));
            }
            Some(Unauthenticated::With(path))
        }
        Value::None(word) => errors.refuse(word, error::shape(key)),
        Value::Env(env) => errors.refuse(env.name, error::shape(key)),
    }
}

/// Reads what one guard says: a word.
pub(crate) fn of_guard(key: &Key, errors: &mut Errors) -> Option<&'static str> {
    if let syn::Meta::NameValue(pair) = &key.meta
        && let syn::Expr::Path(word) = &pair.value
        && WORDS.iter().any(|(it, _)| word.path.is_ident(it))
    {
        return errors.refuse(word, error::not_a_string(key));
    }
    match of_routes(key, errors)? {
        Unauthenticated::Word(name) => Some(name),
        Unauthenticated::With(path) => errors.refuse(path, UNAUTHENTICATED_BY_FUNCTION),
    }
}

/// Returns whether it ends with the name of a variant, which no function has.
fn ends_with(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|last| last.ident == name)
}

impl Unauthenticated {
    /// Writes it as a value of the runtime's `Unauthenticated`.
    pub(crate) fn value(&self, runtime: &Path) -> TokenStream {
        match self {
            Self::Word(name) => {
                let name = Ident::new(name, proc_macro2::Span::call_site());
                quote!(#runtime::Unauthenticated::#name)
            }
            Self::With(path) => {
                let hook = named::UNAUTHENTICATED.value(path, runtime);
                quote!(#runtime::Unauthenticated::With(#hook))
            }
        }
    }
}

// Sentences.

fn unauthenticated(found: &str) -> String {
    let words = ["auto", "redirect", "json"];
    let hint = match nearest(&found.to_ascii_lowercase(), &words) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => String::new(),
    };
    format!(
        "`unauthenticated` is \"auto\", \"redirect\", \"json\" or a function, not {found:?}{hint}"
    )
}

const UNAUTHENTICATED_BY_FUNCTION: &str = "a guard is a type, which no function can be part of; write \"auto\", \"redirect\" or \"json\" here, or name the function in `#[authsafe::routes(...)]`, where it is for all guards";
