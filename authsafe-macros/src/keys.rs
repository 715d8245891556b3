//! `key`, `key = value` and `key(...)`, sorted into a struct by darling; each mistake once.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Meta;
use syn::parse::{ParseStream, Parser};

use crate::error::{self, Errors};
use crate::key::Key;

/// A struct of keys, all of them optional: `field: "key" = "how it is written"`.
macro_rules! keys {
    ($(#[$meta:meta])* $name:ident { $($key:ident: $text:literal = $usage:expr,)+ }) => {
        $(#[$meta])*
        #[derive(Default, ::darling::FromMeta)]
        #[darling(default)]
        pub(crate) struct $name {
            $(
                #[darling(
                    rename = $text,
                    with = |meta: &::syn::Meta| Ok(Some($crate::key::Key::new(meta, $usage)))
                )]
                pub(crate) $key: Option<$crate::key::Key>,
            )+
        }

        impl $crate::keys::Keys for $name {
            const KEYS: &'static [(&'static str, &'static str)] = &[$(($text, $usage)),+];
        }
    };
}
pub(crate) use keys;

/// A struct that [`keys!`] makes.
pub(crate) trait Keys: FromMeta + Default {
    /// The keys, each with its usage.
    const KEYS: &'static [(&'static str, &'static str)];
}

fn known<T: Keys>() -> Vec<&'static str> {
    T::KEYS.iter().map(|(key, _)| *key).collect()
}

/// Returns a key with the usage that this list has for it. `None`: the list has no such key.
fn key<T: Keys>(meta: &Meta) -> Option<Key> {
    let key = Key::new(meta, "");
    let usage = T::KEYS.iter().find(|(known, _)| *known == key.name());
    usage.map(|(_, usage)| Key::new(meta, usage))
}

/// Reads the keys; what cannot be read is reported and left out.
pub(crate) fn parse<T: Keys>(tokens: TokenStream, errors: &mut Errors) -> T {
    let mut kept: Vec<NestedMeta> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for part in split(tokens, errors) {
        let Some(item) = parse_one::<T>(part, errors) else {
            continue;
        };
        let (path, is_whole) = match &item {
            NestedMeta::Meta(meta) => (meta.path(), true),
            NestedMeta::NameValueInvalidExpr(meta) => (&meta.path, false),
            NestedMeta::Lit(lit) => {
                errors.at(lit, error::no_key(&known::<T>()));
                continue;
            }
        };
        let name = path.to_token_stream().to_string();
        let Some(key) = key::<T>(&Meta::Path(path.clone())) else {
            errors.at(path, error::unknown_key(&name, &known::<T>()));
            continue;
        };
        if !is_whole {
            errors.at(path, error::no_value(&key));
        } else if seen.contains(&name) {
            errors.at(path, error::key_twice(&name));
        } else {
            seen.push(name);
            kept.push(item);
        }
    }
    match T::from_list(&kept) {
        Ok(keys) => keys,
        Err(error) => {
            errors.push(error.into());
            T::default()
        }
    }
}

fn parse_one<T: Keys>(part: TokenStream, errors: &mut Errors) -> Option<NestedMeta> {
    if part.clone().into_iter().next().is_some_and(|first| {
        !matches!(first, TokenTree::Ident(_) | TokenTree::Literal(_))
            && !first.to_string().starts_with(':')
    }) {
        errors.at(part, error::no_key(&known::<T>()));
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        let item = input.parse::<NestedMeta>()?;
        if input.is_empty() {
            Ok(item)
        } else if let NestedMeta::Meta(meta @ Meta::Path(path)) = &item {
            let sentence = match key::<T>(meta) {
                Some(key) => error::no_value(&key),
                None => error::unknown_key(&path.to_token_stream().to_string(), &known::<T>()),
            };
            Err(syn::Error::new_spanned(path, sentence))
        } else {
            Err(input.error(error::NO_COMMA))
        }
    };
    parser.parse2(part).map_err(|error| errors.push(error)).ok()
}

/// Splits at the commas, so that a mistake in one part hides none in the next.
pub(crate) fn split(tokens: TokenStream, errors: &mut Errors) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.is_empty() {
                    errors.at(punct, error::EXTRA_COMMA);
                } else {
                    parts.push(core::mem::take(&mut part));
                }
            }
            token => part.extend([token]),
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}
