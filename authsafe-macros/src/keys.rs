//! `key`, `key = value` and `key(...)`, sorted into a struct by darling; each mistake once.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Meta;
use syn::parse::{ParseStream, Parser};

use crate::error::{self, Errors};

/// A struct of keys, all of them optional, each as it was written.
macro_rules! keys {
    ($(#[$meta:meta])* $name:ident { $($(#[$field:meta])* $key:ident: $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Default, ::darling::FromMeta)]
        #[darling(default)]
        pub(crate) struct $name {
            $($(#[$field])* #[darling(rename = $text)] pub(crate) $key: Option<::syn::Meta>,)+
        }

        impl $crate::keys::Keys for $name {
            const KEYS: &'static [&'static str] = &[$($text),+];
        }
    };
}
pub(crate) use keys;

/// What [`keys!`] makes.
pub(crate) trait Keys: FromMeta + Default {
    const KEYS: &'static [&'static str];
}

/// Reads the keys; what cannot be read is reported and left out.
pub(crate) fn parse<T: Keys>(tokens: TokenStream, errors: &mut Errors) -> T {
    let mut kept: Vec<NestedMeta> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for part in split(tokens, errors) {
        let Some(item) = parse_one::<T>(part, errors) else {
            continue;
        };
        let (path, whole) = match &item {
            NestedMeta::Meta(meta) => (meta.path(), true),
            NestedMeta::NameValueInvalidExpr(meta) => (&meta.path, false),
            NestedMeta::Lit(lit) => {
                errors.at(lit, error::no_key(T::KEYS));
                continue;
            }
        };
        let key = path.to_token_stream().to_string();
        if !T::KEYS.contains(&key.as_str()) {
            errors.at(path, error::unknown_key(&key, T::KEYS));
        } else if !whole {
            errors.at(path, error::no_value(&key, usage::<T>(&key)));
        } else if seen.contains(&key) {
            errors.at(path, error::key_twice(&key));
        } else {
            seen.push(key);
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
        errors.at(part, error::no_key(T::KEYS));
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        let item = input.parse::<NestedMeta>()?;
        if input.is_empty() {
            Ok(item)
        } else if let NestedMeta::Meta(Meta::Path(key)) = &item {
            let key_text = key.to_token_stream().to_string();
            let sentence = error::no_value(&key_text, usage::<T>(&key_text));
            Err(syn::Error::new_spanned(key, sentence))
        } else {
            Err(input.error(error::NO_COMMA))
        }
    };
    parser.parse2(part).map_err(|error| errors.push(error)).ok()
}

/// How a key of this list is written: the endpoints' names stand before values.
fn usage<T: Keys>(key: &str) -> &'static str {
    match T::KEYS.contains(&"signin") {
        true => error::value_usage(key),
        false => error::usage(key),
    }
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
