//! `key("a", "b")`: scopes, roles.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Lit, LitStr, Meta};

use crate::error::{self, Errors};
use crate::key::Key;
use crate::keys;
use crate::rule::Rule;
use crate::value::checked;
use authsafe_rules::text::Reason;

/// The kind of the names, `scope` or `role`, and the rule for each.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) word: &'static str,
    pub(crate) rule: &'static Rule,
}

/// Returns the names that pass the rule, each once.
pub(crate) fn names(key: &Key, kind: Kind, errors: &mut Errors) -> Option<Vec<LitStr>> {
    let Meta::List(list) = &key.meta else {
        errors.at(key, no_list(key));
        return None;
    };
    let parts = keys::split(list.tokens.clone(), errors);
    if parts.is_empty() {
        errors.at(key, error::list_empty(key));
        return None;
    }
    let mut names: Vec<LitStr> = Vec::new();
    for part in parts {
        let Some(name) = name(part, &key.name(), kind, errors) else {
            continue;
        };
        let text = name.value();
        if names.iter().any(|earlier| earlier.value() == text) {
            errors.at(&name, error::named_twice(kind.word, &text));
        } else {
            names.push(name);
        }
    }
    Some(names)
}

fn name(part: TokenStream, key: &str, kind: Kind, errors: &mut Errors) -> Option<LitStr> {
    let Ok(name) = syn::parse2::<LitStr>(part.clone()) else {
        let text = part.to_string().replace(' ', "");
        errors.at(part, error::unquoted(kind.word, text.trim_matches('\'')));
        return None;
    };
    let words = words(&name.to_token_stream());
    if words.len() > 1 && (kind.rule.check)(&name.value()) == Err(Reason::Char(' ')) {
        errors.at(&name, error::several_names(key, &words));
        return None;
    }
    checked(&name, &format!("a {}", kind.word), kind.rule, errors)?;
    Some(name)
}

/// Says what was meant by `scopes = "a b"` or `scopes = ["a", "b"]`.
fn no_list(key: &Key) -> String {
    let words = words(&key.to_token_stream());
    if words.is_empty() {
        error::shape(key)
    } else {
        error::several_names(&key.name(), &words)
    }
}

/// Returns the words in all the strings.
fn words(tokens: &TokenStream) -> Vec<String> {
    let mut words = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => words.extend(self::words(&group.stream())),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal) {
                    words.extend(text.value().split_whitespace().map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    words
}
